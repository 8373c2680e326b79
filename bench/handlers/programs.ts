import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleFunction } from '../../tools/build/bundle.ts';
import { bundleBytes } from '../measuring/bundle-bytes.ts';
import { BENCH_BUILD } from '../measuring/folders.ts';
import type { PeerName } from './peers.ts';

/** A handler as it would be deployed. */
export interface BuiltHandler {
  readonly url: string;
  /** What a cold start reads of it, in KiB. */
  readonly kilobytes: number;
}

/** Bundles a handler by the project's own bundler, so with the same settings for all. */
export async function buildHandler(name: PeerName): Promise<BuiltHandler> {
  const { directory, metafile } = await bundleFunction(name, {
    root: import.meta.dirname,
    outDir: path.join(BENCH_BUILD, 'handlers'),
  });
  return {
    url: pathToFileURL(path.join(directory, 'index.mjs')).href,
    kilobytes: bundleBytes(metafile).coldStart / 1024,
  };
}

/** Bundles the program that a handler is measured by, so that it runs on a Node without a TypeScript loader. */
export async function buildRunner(entry: string): Promise<string> {
  await mkdir(BENCH_BUILD, { recursive: true });
  const outfile = path.join(BENCH_BUILD, `${path.basename(entry, '.ts')}.mjs`);
  await build({ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'silent' });
  return outfile;
}
