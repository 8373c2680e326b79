import os from 'node:os';
import path from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { startMongo } from '../../local/mongo/server.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { withDatabase } from '../../tools/platform/mongo-uri.ts';
import { BENCH_BUILD } from '../measuring/folders.ts';
import { fillCatalog } from './fill.ts';

/** A database full of courses, and the functions of this process pointed to it. */
export interface Catalog {
  readonly db: Db;
  /** With the database's name. */
  readonly uri: string;
  readonly courses: number;
  /** Which mongod it is. */
  readonly server: string;
  close(): Promise<void>;
}

/** What the functions read besides the connection string. */
export const FUNCTION_SETTINGS = {
  CURSOR_KEY: 'a key of the bench, which seals its cursors and nothing else',
  MEDIA_BASE_URL: 'https://media.example.com',
} as const;

/** Starts a mongod of the bench's own, never that of MONGODB_URI, and fills it unless an earlier run has. */
export async function openCatalog(courses: number, report: (line: string) => void): Promise<Catalog> {
  const { MONGODB_URI: _, ...env } = process.env;
  const mongo = await startMongo({
    env,
    dataDir: path.join(BENCH_BUILD, `catalog-${courses}`),
    cacheSizeGB: 1,
    report,
  });
  const uri = withDatabase(mongo.uri, 'bench');
  const client = new MongoClient(uri, { runtimeAdapters: { os } });
  const close = async () => {
    await closeDatabase();
    await client.close();
    await mongo.stop();
  };
  try {
    await fillCatalog(client.db(), courses, report);
  } catch (error) {
    await close();
    throw error;
  }
  // By monitoring, the commands that a function sends are seen as they are.
  Object.assign(process.env, FUNCTION_SETTINGS, { MONGODB_URI: monitored(uri), POWERTOOLS_LOG_LEVEL: 'SILENT' });
  return { db: client.db(), uri, courses, server: mongo.source, close };
}

function monitored(uri: string): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;
}
