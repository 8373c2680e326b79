import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * Most bytes that the client may add to an app, all of its modules together, minified and compressed. The goal is 12,000:
 * lower it with each step there.
 */
export const CLIENT_BUDGET_BYTES = 17_200;

export interface ClientSizes {
  /** Bytes of all modules together, which share code. */
  readonly all: number;
  /** Bytes of each module with what it imports, by name. */
  readonly modules: Readonly<Record<string, number>>;
}

/** Measures the modules that apps import, as a bundler ships them: minified, and compressed by gzip. */
export async function clientSizes(root: string): Promise<ClientSizes> {
  const folder = path.join(root, 'client/src');
  const names = (await clientModules(root)).filter((name) => name !== 'index');
  const sizes = names.map(async (name) => [name, await bundledBytes(folder, [name])] as const);
  return { all: await bundledBytes(folder, names), modules: Object.fromEntries(await Promise.all(sizes)) };
}

/** The modules that apps import: the files directly in `client/src`. */
export async function clientModules(root: string): Promise<string[]> {
  const files = await readdir(path.join(root, 'client/src'));
  return files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -3));
}

async function bundledBytes(folder: string, names: readonly string[]): Promise<number> {
  // A namespace for each, so that two exports of the same name both count.
  const imports = names.map((name, index) => `export * as m${index} from './${name}.ts';`);
  const { outputFiles } = await build({
    stdin: { contents: imports.join('\n'), resolveDir: folder },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2020',
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).byteLength;
}
