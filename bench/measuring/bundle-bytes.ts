import type { Metafile } from 'esbuild';

/** What a bundle weighs, in bytes. */
export interface BundleBytes {
  /** What a cold start reads: the entry and what it imports statically. */
  readonly coldStart: number;
  /** All that is deployed, with the chunks that are read when they are needed. */
  readonly deployed: number;
}

export function bundleBytes(metafile: Metafile): BundleBytes {
  const read = coldStartOutputs(metafile);
  const sizes = Object.entries(metafile.outputs).map(([file, { bytes }]) => ({ bytes, read: read.has(file) }));
  return {
    coldStart: sum(sizes.filter((output) => output.read).map(({ bytes }) => bytes)),
    deployed: sum(sizes.map(({ bytes }) => bytes)),
  };
}

/** The files of a bundle that a cold start reads. */
export function coldStartOutputs({ outputs }: Metafile): ReadonlySet<string> {
  const read = new Set<string>();
  const waiting = Object.keys(outputs).filter((file) => file.endsWith('index.mjs'));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (read.has(file)) continue;
    read.add(file);
    const imports = outputs[file]?.imports ?? [];
    waiting.push(
      ...imports.filter(({ kind, external }) => kind === 'import-statement' && !external).map(({ path }) => path),
    );
  }
  return read;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
