import path from 'node:path';
import type { Fields } from '../template/fields.ts';
import { readFields } from '../template/resources.ts';
import { hashBundle } from './bundle-hash.ts';
import { frozenFunctions } from './frozen-properties.ts';
import { hashData } from './hash.ts';

/** What a version of a function is made of: its code and its settings. */
export interface Release {
  /** The name of the function's folder and of its bundle's. */
  readonly functionName: string;
  readonly logicalId: string;
  /** SHA-256. Another one needs another version, and the same one does not. */
  readonly release: string;
}

/**
 * Returns the releases of all functions, of template.yaml and the bundles in `.build/functions`.
 * @param parameters values of template parameters that differ from their defaults
 */
export function releasesOf(root: string, parameters: Readonly<Record<string, string>>): Promise<readonly Release[]> {
  return releasesIn(readFields(path.join(root, 'template.yaml')), root, parameters);
}

/** Returns the releases of all functions of a template. */
export function releasesIn(
  template: Fields,
  root: string,
  parameters: Readonly<Record<string, string>>,
): Promise<readonly Release[]> {
  const functions = frozenFunctions(template, parameters).map(async ({ logicalId, codeUri, frozen }) => ({
    functionName: path.basename(codeUri),
    logicalId,
    release: hashData({ code: await hashBundle(path.join(root, codeUri)), frozen }),
  }));
  return Promise.all(functions);
}
