import { EventEmitter, once } from 'node:events';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenOn } from '../../local/http/listen.ts';
import { ensurePrimary } from '../../local/mongo/replica-set.ts';
import { type RunningMongo, startMongo } from '../../local/mongo/server.ts';
import { watchPublications } from '../../local/publications.ts';

jest.setTimeout(60_000);

const { MONGODB_URI: _unused, ...env } = process.env;
let dataDir: string;
let mongo: RunningMongo;
let line: Awaited<ReturnType<typeof openSilentLine>>;

beforeEach(async () => {
  dataDir = await realpath(await mkdtemp(join(tmpdir(), 'lectern-test-')));
  mongo = await startMongo({ env, dataDir });
  line = await openSilentLine(Number(new URL(mongo.uri).port));
});

afterEach(async () => {
  await line.close();
  await mongo.stop();
  await rm(dataDir, { recursive: true });
});

/** A line to a mongod that gets no answer, until a client has given up its first connection that asked something. */
async function openSilentLine(target: number) {
  let isSilent = true;
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    track(near);
    if (isSilent) {
      near.once('data', () =>
        near.once('close', () => {
          isSilent = false;
        }),
      );
      return;
    }
    const far = connect(target, '127.0.0.1');
    track(far);
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  });
  const port = await listenOn(server, [0]);
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => {
        server.close(closed);
      });
    },
  };
}

describe('a database that first answers only after a client has given up waiting', () => {
  it('is made primary all the same', async () => {
    const { signal } = new AbortController();
    await ensurePrimary({ port: line.port, dbPath: join(dataDir, 'db'), signal });
  });

  it('is watched for published courses all the same', async () => {
    const publications = new EventEmitter();
    const changed = once(publications, 'change');
    const watching = await watchPublications(
      `mongodb://127.0.0.1:${line.port}/lectern?directConnection=true`,
      () => publications.emit('change'),
      () => undefined,
    );
    // It returned without an answer, and goes on trying.
    await changed;
    await watching.close();
  });
});
