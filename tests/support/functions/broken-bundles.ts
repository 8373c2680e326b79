import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { bundleFunction } from '../../../tools/build/bundle.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** A release that fails each request: how, and the source that does it. */
const BROKEN: Readonly<Record<Breakage, string>> = {
  'fails each request': `
    import { createHandler } from '../../shared/http/handler.ts';
    import { contract } from './contract.ts';
    const fail = () => { throw new TypeError("Cannot read properties of undefined (reading 'title')"); };
    const functions = Object.fromEntries(Object.keys(contract.runtime).map((route) => [route, fail]));
    export const handler = createHandler(contract, functions as never, { authenticate: fail } as never);
  `,
  'throws at import': `throw new Error('A module is missing'); export const handler = () => undefined;`,
  'never answers': 'export const handler = () => new Promise(() => setInterval(() => undefined, 1000));',
};

export const BREAKAGES = ['fails each request', 'throws at import', 'never answers'] as const;
export type Breakage = (typeof BREAKAGES)[number];

/** The authorizer has no contract, so its decision fails instead. */
const BROKEN_DECISION = `
  export async function authorizeRead(): Promise<never> { throw new TypeError('The grants are undefined'); }
`;

/** Builds working and broken bundles for a test file. */
export interface TestBundles {
  /** Returns the folder of the real bundle. */
  working(name: string): Promise<string>;
  /** Returns the folder of a bundle of the real sources, in which the function is broken. */
  broken(name: string, breakage: Breakage): Promise<string>;
}

/** Gives a test file bundles of its own. Call it once, at the top of the file. */
export function useBundles(): TestBundles {
  let copy: string;
  beforeAll(async () => {
    copy = await mkdtemp(path.join(os.tmpdir(), 'lectern-broken-'));
    await cp(path.join(root, 'functions'), path.join(copy, 'functions'), { recursive: true });
    await cp(path.join(root, 'shared'), path.join(copy, 'shared'), { recursive: true });
    await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  });
  afterAll(() => rm(copy, { recursive: true }));

  const built = new Map<string, Promise<string>>();
  const build = (projectRoot: string, name: string, kind: string) => {
    const key = `${kind}/${name}`;
    const outDir = path.join(copy, 'out', kind);
    const bundle =
      built.get(key) ?? bundleFunction(name, { root: projectRoot, outDir }).then(({ directory }) => directory);
    built.set(key, bundle);
    return bundle;
  };

  return {
    working: (name) => build(root, name, 'working'),
    async broken(name, breakage) {
      const isDecision = name === 'authorizer' && breakage === 'fails each request';
      const file = path.join(copy, 'functions', name, isDecision ? 'authorize-read.ts' : 'handler.ts');
      await writeFile(file, isDecision ? BROKEN_DECISION : BROKEN[breakage]);
      const directory = await build(copy, name, breakage.replaceAll(' ', '-'));
      await cp(path.join(root, 'functions', name), path.join(copy, 'functions', name), { recursive: true });
      return directory;
    },
  };
}
