import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Rebuild, watchFunctions } from '../../../tools/build/watch.ts';
import { descendantsOf } from '../../support/system/process-tree.ts';

/** A project with two functions. Both use shared/both.ts, and `one` has a contract. */
const PROJECT = {
  'functions/one/handler.ts': `
    import { both } from '../../shared/both.ts';
    import { contract } from './contract.ts';
    export const handler = () => [both, contract];`,
  'functions/one/contract.ts': `
    import { defineContract } from '../../shared/http/contract.ts';
    import { limit } from './schemas.ts';
    export const contract = defineContract({
      'GET /one': { auth: 'public', query: { limit }, responses: { 200: { description: 'One', schema: {} } } },
    });`,
  'functions/one/schemas.ts': `export const limit = { type: 'integer', maximum: 10 };`,
  'functions/two/handler.ts': `
    import { both } from '../../shared/both.ts';
    import { two } from './two.ts';
    export const handler = () => [both, two];`,
  'functions/two/two.ts': `export const two = 'two';`,
  'shared/both.ts': `export const both = 'both';`,
  'shared/http/contract.ts': `export const defineContract = (routes: object) => ({ routes });`,
};

jest.setTimeout(60_000);

let root: string;
let watching: { stop(): Promise<void> };
let rebuilds: EventEmitter;
let bundlersBefore: number[];
beforeEach(async () => {
  bundlersBefore = await bundlers();
  root = await realpath(await mkdtemp(path.join(os.tmpdir(), 'lectern-watch-')));
  for (const [file, text] of Object.entries(PROJECT)) await write(file, text);
  rebuilds = new EventEmitter();
  watching = await watchFunctions({ root, outDir: 'out' }, (rebuild) => rebuilds.emit('rebuild', rebuild));
});
afterEach(async () => {
  await watching.stop();
  await rm(root, { recursive: true });
});

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
}

/** The bundler's processes, of which an earlier test file may have left some. */
async function bundlers(): Promise<number[]> {
  const processes = await descendantsOf(process.pid);
  return processes.filter(({ command }) => command.includes('esbuild')).map(({ pid }) => pid);
}

/** Does something to the sources and returns what was rebuilt then. */
async function rebuildAfter(work: () => Promise<void>): Promise<Rebuild> {
  const rebuilt = once(rebuilds, 'rebuild');
  await work();
  return (await rebuilt)[0];
}

const bundle = (name: string) => readFile(path.join(root, 'out', name, 'index.mjs'), 'utf8');

it('bundles every function at first', async () => {
  expect(await bundle('one')).toContain('"both"');
  expect(await bundle('two')).toContain('"two"');
});

it('bundles the functions again that use a changed file, and no other', async () => {
  expect(await rebuildAfter(() => write('functions/two/two.ts', `export const two = 'deux';`))).toEqual({
    changed: ['two'],
    failed: [],
    errors: [],
  });
  expect(await bundle('two')).toContain('"deux"');

  const shared = await rebuildAfter(() => write('shared/both.ts', `export const both = 'les deux';`));
  expect(shared.changed).toEqual(['one', 'two']);
});

it('notices a file that an editor saves by replacing it', async () => {
  const { changed } = await rebuildAfter(async () => {
    await write('functions/two/.two.ts.swp', `export const two = 'deux';`);
    await rename(path.join(root, 'functions/two/.two.ts.swp'), path.join(root, 'functions/two/two.ts'));
  });
  expect(changed).toEqual(['two']);
});

it('notices a change of a schema, of which the bundle contains only the validator', async () => {
  const { changed } = await rebuildAfter(() =>
    write('functions/one/schemas.ts', `export const limit = { type: 'integer', maximum: 77 };`),
  );
  expect(changed).toEqual(['one']);
  expect(await bundle('one')).toContain('77');
});

it('keeps the bundle of a function with an error, names the line, and bundles it again once it is corrected', async () => {
  const { changed, failed, errors } = await rebuildAfter(() => write('functions/two/two.ts', 'export const two = ;'));
  expect({ changed, failed }).toEqual({ changed: [], failed: ['two'] });
  expect(errors).toEqual([expect.stringMatching(/^functions\/two\/two\.ts:1:19 Unexpected/)]);
  expect(await bundle('two')).toContain('"two"');

  const corrected = await rebuildAfter(() => write('functions/two/two.ts', `export const two = 'deux';`));
  expect(corrected.changed).toEqual(['two']);
});

it('tells of a function that can be bundled again, although it is the bundle from before the error', async () => {
  const source = await readFile(path.join(root, 'functions/two/two.ts'), 'utf8');
  await rebuildAfter(() => write('functions/two/two.ts', 'export const two = ;'));
  const { changed, failed } = await rebuildAfter(() => write('functions/two/two.ts', source));
  expect({ changed, failed }).toEqual({ changed: ['two'], failed: [] });
});

it('notices a removed file, and a new one in a new folder', async () => {
  const without = await rebuildAfter(() => rm(path.join(root, 'functions/two/two.ts')));
  expect(without.failed).toEqual(['two']);

  const handler = `import { two } from './more/two.ts';\nexport const handler = () => two;`;
  const missing = await rebuildAfter(() => write('functions/two/handler.ts', handler));
  expect(missing.failed).toEqual(['two']);

  const { changed } = await rebuildAfter(() => write('functions/two/more/two.ts', `export const two = 'more';`));
  expect(changed).toEqual(['two']);
  const further = await rebuildAfter(() => write('functions/two/more/two.ts', `export const two = 'even more';`));
  expect(further.changed).toEqual(['two']);
});

it('keeps watching a folder that is replaced, as when a branch is checked out', async () => {
  await rebuildAfter(async () => {
    await rm(path.join(root, 'functions/two'), { recursive: true });
    await write('functions/two/handler.ts', 'export const handler = () => 1;');
  });
  // Removing and writing may have been noticed one after the other, so wait for what the last state gives.
  while (!(await bundle('two')).includes('=>1')) await once(rebuilds, 'rebuild');
  const { changed } = await rebuildAfter(() => write('functions/two/handler.ts', 'export const handler = () => 22;'));
  expect(changed).toEqual(['two']);
});

it('runs no process of the bundler while nothing changes', async () => {
  await rebuildAfter(() => write('functions/two/two.ts', `export const two = 'deux';`));
  expect(await bundlers()).toEqual(bundlersBefore);
});
