import path from 'node:path';
import type { Plugin } from 'esbuild';

/** Marks this plugin's own call of resolve, which must not reach it again. */
const RESOLVING = 'lectern-signer';
const SIGNER_FILE = /[\\/]@aws-sdk[\\/]cloudfront-signer[\\/]/;

/**
 * Makes the signer of media links import the one file that it needs of `@smithy/core/protocols`. The AWS client for
 * parameters, which loads with the first secret, needs the whole package. Without this plugin, both share one chunk,
 * and each cold start reads the whole package.
 */
export function signerPlugin(): Plugin {
  return {
    name: 'lectern-signer',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^@smithy\/core\/protocols$/ }, async ({ importer, kind, resolveDir, pluginData }) => {
        if (!SIGNER_FILE.test(importer) || pluginData === RESOLVING) return undefined;
        const index = await resolve('@smithy/core/protocols', { importer, kind, resolveDir, pluginData: RESOLVING });
        return { path: path.join(path.dirname(index.path), 'extended-encode-uri-component.js'), sideEffects: false };
      });
    },
  };
}
