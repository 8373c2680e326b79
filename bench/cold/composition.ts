import type { Metafile } from 'esbuild';
import { bundleBytes, coldStartOutputs } from '../measuring/bundle-bytes.ts';

/** What one package, or one part of this project, has in a bundle, in bytes. */
export interface Ingredient {
  readonly name: string;
  /** Read on a cold start. */
  readonly coldStart: number;
  /** Read when it is needed, such as the AWS client for parameters. */
  readonly later: number;
}

export interface Composition {
  readonly coldStart: number;
  readonly deployed: number;
  /** The largest on a cold start first. */
  readonly ingredients: readonly Ingredient[];
}

/** What a bundle is made of, from what esbuild knows of it. */
export function compositionOf(metafile: Metafile): Composition {
  const read = coldStartOutputs(metafile);
  const ingredients = new Map<string, { coldStart: number; later: number }>();
  for (const [file, { inputs }] of Object.entries(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const name = originOf(input);
      const bytes = ingredients.get(name) ?? { coldStart: 0, later: 0 };
      bytes[read.has(file) ? 'coldStart' : 'later'] += bytesInOutput;
      ingredients.set(name, bytes);
    }
  }
  return {
    ...bundleBytes(metafile),
    ingredients: [...ingredients]
      .map(([name, bytes]) => ({ name, ...bytes }))
      .sort((a, b) => b.coldStart - a.coldStart || b.later - a.later || (a.name < b.name ? -1 : 1)),
  };
}

/** `node_modules/mongodb/lib/bson.js` is of `mongodb`; the package named last counts, since packages may be nested. */
function originOf(input: string): string {
  const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1];
  if (inPackage !== undefined) return inPackage;
  if (input.startsWith('lectern-validators:')) return 'validators, compiled ahead of time';
  return /^(functions|shared)\//.test(input) ? `Lectern: ${input.split('/')[0]}/` : 'Lectern: generated';
}
