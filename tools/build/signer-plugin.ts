import path from 'node:path';
import type { Plugin } from 'esbuild';

const SIGNER = /[\\/]@aws-sdk[\\/]cloudfront-signer[\\/]/;

/**
 * The signer of media links needs one small function of `@smithy/core/protocols`. The client for parameters, which
 * loads later, needs the rest, so a shared chunk would load both at once. So the signer imports the one file.
 */
export function signerPlugin(): Plugin {
  return {
    name: 'lectern-signer',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^@smithy\/core\/protocols$/ }, async ({ importer, kind, resolveDir, pluginData }) => {
        if (!SIGNER.test(importer) || pluginData === 'index') return undefined;
        const index = await resolve('@smithy/core/protocols', { importer, kind, resolveDir, pluginData: 'index' });
        return { path: path.join(path.dirname(index.path), 'extended-encode-uri-component.js'), sideEffects: false };
      });
    },
  };
}
