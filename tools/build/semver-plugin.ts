import type { Plugin } from 'esbuild';

const NEWER_NODE = 'lectern-newer-node';

/**
 * Answers what `jsonwebtoken` asks `semver` when it is loaded: whether this Node has features of Node 16.9 and older.
 * Every Node that Lectern supports has, and the 46 KB of `semver` are loaded for nothing else.
 */
export function semverPlugin(): Plugin {
  return {
    name: 'lectern-semver',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^semver$/ }, ({ importer }) =>
        /[\\/]jsonwebtoken[\\/]/.test(importer) ? { path: 'semver', namespace: NEWER_NODE } : undefined,
      );
      onLoad({ filter: /./, namespace: NEWER_NODE }, () => ({ contents: 'exports.satisfies = () => true;' }));
    },
  };
}
