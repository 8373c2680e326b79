import path from 'node:path';
import type { Plugin } from 'esbuild';

const ENTRY = 'lectern-entry';

/**
 * Makes a bundle await the preparation of its handler, so that Lambda's init phase ends after it. Not in the handlers
 * themselves: tests import them as CommonJS, which has no top-level await.
 */
export function entryPlugin(): Plugin {
  return {
    name: 'lectern-entry',
    setup({ initialOptions, onLoad, onResolve }) {
      const root = initialOptions.absWorkingDir ?? process.cwd();
      onResolve({ filter: /./ }, ({ kind, path: file }) =>
        kind === 'entry-point' ? { path: file, namespace: ENTRY } : undefined,
      );
      onLoad({ filter: /./, namespace: ENTRY }, ({ path: file }) => {
        const handler = JSON.stringify(`./${file.replaceAll(path.sep, '/')}`);
        return {
          resolveDir: root,
          contents: `export * from ${handler}; import { handler } from ${handler}; await handler.prepare?.();`,
        };
      });
    },
  };
}
