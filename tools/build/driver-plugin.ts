import type { Plugin } from 'esbuild';

/** The namespace of the replacements, so that only their own loader answers for them. */
const REPLACEMENTS = 'lectern-driver';

/**
 * Replaces two packages of the MongoDB driver that cost more than they do
 * (docs/decisions/0003-the-driver-without-whatwg-url.md, docs/decisions/0042-functions-prepare-in-the-init-phase.md):
 *
 * - `whatwg-url` by Node's own URL classes. The driver only parses connection strings with it, and its tables of Unicode
 *   domain names (tr46) are large.
 * - `@mongodb-js/saslprep` by one that unpacks its tables of Unicode only for a password that is not all ASCII. ASCII is
 *   what it prepares to itself (RFC 4013 section 2).
 */
export function driverPlugin(): Plugin {
  return {
    name: 'lectern-driver',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^whatwg-url$/ }, () => ({ path: 'whatwg-url', namespace: REPLACEMENTS }));
      onResolve({ filter: /^@mongodb-js\/saslprep$/ }, ({ namespace, resolveDir }) =>
        namespace === REPLACEMENTS ? undefined : { path: 'saslprep', namespace: REPLACEMENTS, pluginData: resolveDir },
      );
      onLoad({ filter: /^whatwg-url$/, namespace: REPLACEMENTS }, () => ({
        contents: 'export const URL = globalThis.URL; export const URLSearchParams = globalThis.URLSearchParams;',
      }));
      onLoad({ filter: /^saslprep$/, namespace: REPLACEMENTS }, ({ pluginData: resolveDir }) => ({
        resolveDir,
        contents: `
          exports.saslprep = (text) =>
            /^[ -~]*$/.test(text) ? text : require('@mongodb-js/saslprep').saslprep(text);`,
      }));
    },
  };
}
