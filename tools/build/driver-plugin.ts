import type { Plugin } from 'esbuild';

/**
 * The driver includes `whatwg-url`, with its large tables of Unicode domain names (tr46), to parse connection strings.
 * Node has the same two classes built in (docs/decisions/0003).
 */
export function driverPlugin(): Plugin {
  return {
    name: 'lectern-driver',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^whatwg-url$/ }, () => ({ path: 'whatwg-url', namespace: 'node-global' }));
      onLoad({ filter: /./, namespace: 'node-global' }, () => ({
        contents: 'export const URL = globalThis.URL; export const URLSearchParams = globalThis.URLSearchParams;',
      }));
    },
  };
}
