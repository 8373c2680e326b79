import type { Plugin } from 'esbuild';

/**
 * The driver brings `whatwg-url`, and with it large tables of Unicode domain names (tr46), to parse connection strings.
 * Node has had the same two classes for years (docs/decisions/0003).
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
