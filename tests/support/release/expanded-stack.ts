import path from 'node:path';
import { runPython } from '../jest/programs.ts';

/** A function as CloudFormation gets it. */
export interface ExpandedFunction {
  /** The logical id of its version. Another one is another version. */
  readonly version: string;
  /** What a version of it keeps, with parameters resolved and resources by their logical ids. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export type ExpandedFunctions = Readonly<Record<string, ExpandedFunction>>;

export interface Expansion {
  /** YAML or JSON. */
  readonly template: string;
  /** Whether the routes of the API are expanded as well, which takes several times as long. */
  readonly withEvents: boolean;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Expands templates as CloudFormation does, with SAM's own translator. */
export async function expandTemplates(cases: readonly Expansion[]): Promise<readonly ExpandedFunctions[]> {
  const script = path.join(import.meta.dirname, 'expand.py');
  return (await runPython(script, JSON.stringify(cases))) as readonly ExpandedFunctions[];
}
