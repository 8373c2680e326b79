import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUri } from '../../scripts/import/database-uri.ts';

const URI = 'mongodb://127.0.0.1:27017/lectern';
const before = process.env['MONGODB_URI'];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-running-'));
  delete process.env['MONGODB_URI'];
});

afterEach(async () => {
  await rm(folder, { recursive: true });
  if (before === undefined) delete process.env['MONGODB_URI'];
  else process.env['MONGODB_URI'] = before;
});

const URLS = { apiUrl: 'http://127.0.0.1:3000/v1', mediaUrl: 'http://127.0.0.1:3100', mongodbUri: URI };
const noteRunning = (running: unknown) => writeFile(join(folder, 'running.json'), JSON.stringify(running));

describe('the database to import into', () => {
  it('is the one of MONGODB_URI, whatever runs here', async () => {
    await noteRunning({ ...URLS, pid: process.pid });
    process.env['MONGODB_URI'] = 'mongodb://other.example/lectern';
    expect(await databaseUri(folder)).toBe('mongodb://other.example/lectern');
  });

  it('is otherwise the one of the npm start that runs here', async () => {
    await noteRunning({ ...URLS, pid: process.pid });
    expect(await databaseUri(folder)).toBe(URI);
  });

  it('is not that of one that has ended', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    await noteRunning({ ...URLS, pid });
    await expect(databaseUri(folder)).rejects.toThrow(/set MONGODB_URI, or run `npm start`/);
  });

  it.each([['nothing'], [{ ...URLS, pid: 'x' }], [{ ...URLS, pid: 1.5 }], [null]])(
    'is not to be had from a note like %j',
    async (note) => {
      await noteRunning(note);
      await expect(databaseUri(folder)).rejects.toThrow(/There is no database/);
    },
  );

  it('is missing when there is neither', async () => {
    await expect(databaseUri(folder)).rejects.toThrow(/There is no database/);
  });
});
