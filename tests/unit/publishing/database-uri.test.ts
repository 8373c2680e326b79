import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUri } from '../../../tools/platform/mongo-uri.ts';

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

/** What stands for the gateway: something that answers. */
let gateway: Server;
let urls: { apiUrl: string; mediaUrl: string; mongodbUri: string };
beforeAll(async () => {
  gateway = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const apiUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/v1`;
  urls = { apiUrl, mediaUrl: 'http://127.0.0.1:3100', mongodbUri: URI };
});
afterAll(() => {
  gateway.closeAllConnections();
  gateway.close();
});

const noteRunning = (running: unknown) => writeFile(join(folder, 'running.json'), JSON.stringify(running));

describe('the database of a command', () => {
  it('is that of MONGODB_URI, even if npm start runs', async () => {
    await noteRunning({ ...urls, pid: process.pid });
    process.env['MONGODB_URI'] = 'mongodb://other.example/lectern';
    expect(await databaseUri(folder)).toBe('mongodb://other.example/lectern');
  });

  it('is otherwise that of a running npm start', async () => {
    await noteRunning({ ...urls, pid: process.pid });
    expect(await databaseUri(folder)).toBe(URI);
  });

  it('is not that of a stopped npm start, even if its process id is in use again', async () => {
    await noteRunning({ ...urls, pid: process.pid, apiUrl: 'http://127.0.0.1:1/v1' });
    await expect(databaseUri(folder)).rejects.toThrow(/set MONGODB_URI, or run `npm start`/);
  });

  it.each([['nothing'], [{ pid: 'x' }], [{ pid: 1.5 }], [{ pid: 0 }], [{ pid: 1, mongodbUri: 7 }], [null]])(
    'is not read from a damaged file: %j',
    async (note) => {
      await noteRunning(typeof note === 'object' && note !== null ? { ...urls, ...note } : note);
      await expect(databaseUri(folder)).rejects.toThrow(/No database found/);
    },
  );

  it('is an error without either', async () => {
    await expect(databaseUri(folder)).rejects.toThrow(/No database found/);
  });
});
