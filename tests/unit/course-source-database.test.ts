import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUri } from '../../scripts/import/database-uri.ts';

const URI = 'mongodb://127.0.0.1:27017/lectern';
const before = process.env['MONGODB_URI'];
let folder: string;
let runningFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-running-'));
  runningFile = join(folder, 'running.json');
  delete process.env['MONGODB_URI'];
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  if (before === undefined) delete process.env['MONGODB_URI'];
  else process.env['MONGODB_URI'] = before;
});

const noteRunning = (running: unknown) => writeFile(runningFile, JSON.stringify(running));

describe('the database to import into', () => {
  it('is the one of MONGODB_URI, whatever runs here', async () => {
    await noteRunning({ pid: process.pid, mongodbUri: URI });
    process.env['MONGODB_URI'] = 'mongodb://other.example/lectern';
    expect(await databaseUri(runningFile)).toBe('mongodb://other.example/lectern');
  });

  it('is otherwise the one of the npm start that runs here', async () => {
    await noteRunning({ pid: process.pid, apiUrl: 'http://127.0.0.1:3000/v1', mongodbUri: URI });
    expect(await databaseUri(runningFile)).toBe(URI);
  });

  it('is not that of one that has ended', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await noteRunning({ pid, mongodbUri: URI });
    await expect(databaseUri(runningFile)).rejects.toThrow(/set MONGODB_URI, or run `npm start`/);
  });

  it.each([['nothing'], [{ pid: 'x', mongodbUri: URI }], [{ pid: 1.5, mongodbUri: URI }], [null]])(
    'is not to be had from a note like %j',
    async (note) => {
      await noteRunning(note);
      await expect(databaseUri(runningFile)).rejects.toThrow(/There is no database/);
    },
  );

  it('is missing when there is neither', async () => {
    await expect(databaseUri(runningFile)).rejects.toThrow(/There is no database/);
  });
});
