import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseTemplate } from '../../../tools/template/yaml.ts';

/** A resource of a template, with intrinsic functions in their long form. */
export interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

export type Resources = Readonly<Record<string, Resource>>;

/** A template as it is written, before parameters and conditions are resolved. */
export interface Stack {
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Resources;
  readonly Outputs: Readonly<Record<string, unknown>>;
}

/** Reads a template in the root folder of the project, such as `template.yaml`. */
export function readStack(name: string): Stack {
  const file = path.resolve(import.meta.dirname, '../../..', name);
  return parseTemplate(readFileSync(file, 'utf8')) as Stack;
}
