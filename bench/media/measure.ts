import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { grantLesson, grantLessons } from '../../functions/media-url/playback.ts';
import { startMongo } from '../../local/mongo/server.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import type { Principal } from '../../shared/http/handler.ts';
import { withDatabase } from '../../tools/platform/mongo-uri.ts';
import { FUNCTION_SETTINGS } from '../catalog/open-catalog.ts';
import { BENCH_BUILD } from '../measuring/folders.ts';
import { type Machine, thisMachine } from '../measuring/machine.ts';
import { measureService, type ServiceFigures } from '../measuring/service.ts';
import { COURSE, FILE, lessonDocument, STREAM } from './lessons.ts';
import { KEY_PAIR_ID, measureSigning, PRIVATE_KEY, type SigningFigures } from './signing.ts';

export interface MediaResult {
  readonly machine: Machine;
  readonly server: string;
  readonly signing: readonly SigningFigures[];
  readonly grants: readonly ServiceFigures[];
}

export interface MediaEffort {
  readonly rounds: number;
  readonly milliseconds: number;
}

const LESSONS = 200;
const LEARNER: Principal = { userId: '0'.repeat(24), sessionId: 'a-session', roles: ['learner'], epoch: 0 };

/** Times signatures in this process, and the real services with a database of their own. */
export async function measureMedia(effort: MediaEffort, report: (line: string) => void): Promise<MediaResult> {
  const { MONGODB_URI: _, ...env } = process.env;
  const dataDir = path.join(BENCH_BUILD, 'media');
  await rm(dataDir, { recursive: true, force: true });
  const mongo = await startMongo({ env, dataDir, report });
  const uri = withDatabase(mongo.uri, 'bench');
  const client = new MongoClient(uri, { runtimeAdapters: { os } });
  Object.assign(process.env, FUNCTION_SETTINGS, {
    MONGODB_URI: `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`,
    MEDIA_SIGNING_KEY: JSON.stringify({ slot: 'a', privateKey: PRIVATE_KEY }),
    MEDIA_KEY_PAIR_IDS: JSON.stringify({ a: KEY_PAIR_ID, b: '' }),
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
  try {
    report('media: signatures');
    const signing = measureSigning(effort);
    report('media: grants');
    await fill(client.db());
    return {
      machine: thisMachine(process.version),
      server: mongo.source,
      signing,
      grants: await measureGrants(effort.rounds),
    };
  } finally {
    await closeDatabase();
    await client.close();
    await mongo.stop();
  }
}

async function fill(db: Db): Promise<void> {
  await migrate(db);
  const { userId, sessionId } = LEARNER;
  await db
    .collection<{ _id: string }>('users')
    .insertOne({ _id: userId, ...{ emailKey: userId, tokenEpoch: 0, roles: ['learner'], epoch: 0 } });
  await db
    .collection<{ _id: string }>('sessions')
    .insertOne({ _id: sessionId, ...{ userId, epoch: 0, expiresAt: new Date(Date.now() + 86_400_000) } });
  await db.collection<{ _id: string }>('courses').insertOne({ _id: COURSE, ...{ access: 'members', published: {} } });
  await collection(db, COLLECTIONS.lessons).insertMany(
    Array.from({ length: LESSONS }, (_, index) => [
      lessonDocument(`file-${index}`, { file: FILE, stream: null }),
      lessonDocument(`stream-${index}`, { file: null, stream: STREAM }),
    ]).flat(),
  );
}

async function measureGrants(rounds: number): Promise<ServiceFigures[]> {
  const many = (kind: string) => {
    const lessonIds = Array.from(
      { length: LESSONS },
      (_, index) => ({ valid: true, value: `${kind}-${index}` }) as const,
    );
    return { lessonIds, purpose: 'playback' } as const;
  };
  return [
    await measureService('one file', rounds * 5, () =>
      grantLesson(LEARNER, { courseId: COURSE, lessonId: 'file-0' }, 'playback'),
    ),
    await measureService('one stream', rounds * 5, () =>
      grantLesson(LEARNER, { courseId: COURSE, lessonId: 'stream-0' }, 'playback'),
    ),
    await measureService(`${LESSONS} files`, rounds, () => grantLessons(LEARNER, COURSE, many('file'))),
    await measureService(`${LESSONS} streams`, rounds, () => grantLessons(LEARNER, COURSE, many('stream'))),
  ];
}
