import type { Plugin } from 'esbuild';

/** The namespace of the replacement, so that only its own loader answers for it. */
const NODE_GLOBALS = 'lectern-node-globals';

/**
 * Replaces the driver's `whatwg-url` with Node's own URL classes. The driver only parses connection strings with it,
 * and its tables of Unicode domain names (tr46) are large (docs/decisions/0003-the-driver-without-whatwg-url.md).
 */
export function driverPlugin(): Plugin {
  return {
    name: 'lectern-driver',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^whatwg-url$/ }, () => ({ path: 'whatwg-url', namespace: NODE_GLOBALS }));
      onLoad({ filter: /./, namespace: NODE_GLOBALS }, () => ({
        contents: 'export const URL = globalThis.URL; export const URLSearchParams = globalThis.URLSearchParams;',
      }));
    },
  };
}
