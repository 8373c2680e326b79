import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import { bundleFunction, functionNames } from '../../tools/build/bundle.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** A copy of the project's sources in another folder, with a second function to tell apart from the first. */
let copy: string;
beforeAll(async () => {
  copy = await mkdtemp(path.join(os.tmpdir(), 'lectern-bundles-'));
  await cp(path.join(root, 'functions'), path.join(copy, 'functions'), { recursive: true });
  await cp(path.join(root, 'functions/courses'), path.join(copy, 'functions/twin'), { recursive: true });
  await cp(path.join(root, 'shared'), path.join(copy, 'shared'), { recursive: true });
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
});
afterAll(() => rm(copy, { recursive: true }));

/** Between them, these have every package and plugin of the build. */
const LINKED_FUNCTIONS = ['auth', 'media-url'] as const;

/** Copies sources and packages, which takes longer than most tests. */
const COPYING_MS = 180_000;

/** The SHA-256 of every file of a bundle, by its name. */
async function bundledFiles(name: string, projectRoot: string): Promise<Record<string, string>> {
  const { directory } = await bundleFunction(name, { root: projectRoot, outDir: path.join(copy, 'out') });
  const names = (await readdir(directory)).sort();
  const hashes = names.map(async (file) => {
    const content = await readFile(path.join(directory, file));
    return [file, createHash('sha256').update(content).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}

/** As of a package manager that keeps packages elsewhere and links each of them. */
async function linkEachPackage(modules: string): Promise<void> {
  const installed = path.join(root, 'node_modules');
  await mkdir(modules);
  for (const entry of await readdir(installed)) {
    const isScope = entry.startsWith('@');
    if (isScope) await mkdir(path.join(modules, entry));
    const names = isScope
      ? (await readdir(path.join(installed, entry))).map((name) => path.join(entry, name))
      : [entry];
    for (const name of names) await symlink(path.join(installed, name), path.join(modules, name));
  }
}

/** A real folder of packages: copies those that are in a bundle, which are a small part. */
async function copyBundledPackages(modules: string): Promise<void> {
  const packages = new Set<string>();
  for (const name of LINKED_FUNCTIONS) {
    const { inputs } = await bundleFunction(name, { root, outDir: path.join(copy, 'out') });
    for (const file of inputs) {
      const [, found] = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file) ?? [];
      if (found !== undefined) packages.add(found);
    }
  }
  for (const name of packages) {
    await cp(path.join(root, 'node_modules', name), path.join(modules, name), { recursive: true });
  }
}

/** Inputs that end up in the files of a bundle. */
function modulesIn({ outputs }: Metafile): string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => file),
  );
}

/** Inputs of the files that a function reads on import. Dynamic imports are not among them. */
function startupModules({ outputs }: Metafile): string[] {
  const entries = Object.keys(outputs).filter((file) => file.endsWith('index.mjs'));
  const read = new Set(entries);
  // A set iterates in insertion order, including entries added meanwhile.
  for (const file of read) {
    const imports = outputs[file]?.imports ?? [];
    for (const { path: imported, kind } of imports) if (kind === 'import-statement') read.add(imported);
  }
  return [...read].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
}

describe('a bundle', () => {
  it('is reproducible', async () => {
    const first = await bundledFiles('courses', root);
    expect(Object.keys(first)).toContain('index.mjs');
    expect(await bundledFiles('courses', root)).toEqual(first);
  });

  it('stays the same when another function changes, so that a deployment updates only that one', async () => {
    const [courses, twin] = [await bundledFiles('courses', copy), await bundledFiles('twin', copy)];
    const handler = path.join(copy, 'functions/twin/handler.ts');
    await writeFile(handler, `${await readFile(handler, 'utf8')}\nexport const changed = true;\n`);
    expect(await bundledFiles('courses', copy)).toEqual(courses);
    expect(await bundledFiles('twin', copy)).not.toEqual(twin);
  });

  it.each<readonly [string, (modules: string) => Promise<unknown>]>([
    ['node_modules is a link', (modules) => symlink(path.join(root, 'node_modules'), modules)],
    ['each package is a link', linkEachPackage],
    ['the packages are copied', copyBundledPackages],
  ])(
    'is the same in another folder if %s',
    async (_, createModules) => {
      const elsewhere = path.join(copy, 'a/deeper/folder');
      await cp(path.join(root, 'functions'), path.join(elsewhere, 'functions'), { recursive: true });
      await cp(path.join(root, 'shared'), path.join(elsewhere, 'shared'), { recursive: true });
      await cp(path.join(root, 'package.json'), path.join(elsewhere, 'package.json'));
      try {
        await createModules(path.join(elsewhere, 'node_modules'));
        for (const name of LINKED_FUNCTIONS) {
          expect(await bundledFiles(name, elsewhere)).toEqual(await bundledFiles(name, root));
        }
      } finally {
        await rm(elsewhere, { recursive: true });
      }
    },
    COPYING_MS,
  );

  it('contains nothing from an earlier build', async () => {
    const { directory } = await bundleFunction('courses', { root: copy, outDir: path.join(copy, 'out') });
    await writeFile(path.join(directory, 'chunk-OLD.mjs'), '');
    expect(Object.keys(await bundledFiles('courses', copy))).not.toContain('chunk-OLD.mjs');
  });
});

describe('the contents of a bundle', () => {
  // Contracts are validated by code compiled ahead of time, and Node's own URL parses connection strings.
  const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
    ['the compiler of ajv', /node_modules\/ajv\/dist\/(2020|ajv|core|compile|standalone)/],
    ['the tables of tr46', /node_modules\/(tr46|whatwg-url)\//],
    ['the schemas of a contract', /shared\/(schemas\/|http\/compile)/],
    ['Markdown parsers', /node_modules\/(unified|remark|rehype|micromark|parse5)/],
    ['the local system and development code', /^(local|scripts|tests|bench)\//],
  ];

  it.each(FORBIDDEN)('do not include %s', async (_, forbidden) => {
    for (const name of await functionNames(root)) {
      const { metafile } = await bundleFunction(name, { root, outDir: path.join(copy, 'out') });
      expect(modulesIn(metafile).filter((file) => forbidden.test(file))).toEqual([]);
    }
  });

  it('prepare what they need when they are loaded', async () => {
    for (const name of await functionNames(root)) {
      const { metafile } = await bundleFunction(name, { root, outDir: path.join(copy, 'out') });
      if (!modulesIn(metafile).includes('shared/prepare.ts')) continue;
      const { handler } = await import(`../../functions/${name}/handler.ts`);
      expect(handler.prepare).toEqual(expect.any(Function));
    }
  });

  it('include clients of AWS and their chain of credentials only in the release check, which loads them when it runs', async () => {
    const isOfAwsClient = (file: string) => /node_modules\/@aws-sdk\/(client|credential|nested|token)-/.test(file);
    const holders: string[] = [];
    for (const name of await functionNames(root)) {
      const { metafile } = await bundleFunction(name, { root, outDir: path.join(copy, 'out') });
      if (modulesIn(metafile).some(isOfAwsClient)) holders.push(name);
      expect({ name, clients: startupModules(metafile).filter(isOfAwsClient) }).toEqual({ name, clients: [] });
    }
    expect(holders).toEqual(['release-check']);
  });

  it('read what calls AWS only when it is needed, which is never on a machine with plain secrets', async () => {
    for (const name of (await functionNames(root)).filter((fn) => fn !== 'release-check')) {
      const { metafile } = await bundleFunction(name, { root, outDir: path.join(copy, 'out') });
      expect(modulesIn(metafile)).toContain('shared/aws/call-aws.ts');
      expect(startupModules(metafile).filter((file) => /^shared\/aws\/|\/aws4\/|\/parameters\//.test(file))).toEqual(
        [],
      );
    }
  });
});

describe('metrics and tracing', () => {
  it('are in every bundle that serves requests, and load only when they are on', async () => {
    const isOptional = (file: string) =>
      /node_modules\/(@aws-lambda-powertools\/(metrics|tracer)|aws-xray-sdk-core)\//.test(file);
    for (const name of (await functionNames(root)).filter((fn) => fn !== 'release-check')) {
      const { metafile } = await bundleFunction(name, { root, outDir: path.join(copy, 'out') });
      expect(modulesIn(metafile).some(isOptional)).toBe(true);
      expect(startupModules(metafile).filter(isOptional)).toEqual([]);
    }
  });
});
