import type { Environment } from '../../tools/platform/run.ts';
import { findMongod } from './binary/binary.ts';
import { openDataFolder } from './data-folder.ts';
import { launchPrimary } from './embedded.ts';
import { checkExternalMongo } from './external.ts';
import { waitUntilFree } from './holder.ts';

export interface MongoOptions {
  /** Where MONGODB_URI, PATH and the folder of caches are read from. */
  readonly env: Environment;
  /** Keeps the data from one start to the next. Without it they are temporary and go at stop. */
  readonly dataDir?: string | undefined;
  /** Addresses to listen on besides 127.0.0.1: a container reaches the host by 172.17.0.1, for one. */
  readonly bindAlso?: readonly string[];
  /** Memory for the cache of mongod, in GB; 0.5 by default, its least is 0.25. */
  readonly cacheSizeGB?: number;
  /** Told, in a line for people, of what takes a while. */
  readonly report?: (message: string) => void;
}

export interface RunningMongo {
  readonly uri: string;
  /** For people: which mongod this is and where it came from. */
  readonly source: string;
  /** Shuts mongod down and waits for it; does nothing to a server that was there before. */
  stop(): Promise<void>;
}

/**
 * Gives a MongoDB replica set: the one that MONGODB_URI names, else a mongod started here, which ends when this process
 * does, however that ends.
 *
 * @throws Error that says what to do: no mongod to be had, a data folder in use, a MONGODB_URI that does not serve.
 */
export async function startMongo(options: MongoOptions): Promise<RunningMongo> {
  const uri = options.env['MONGODB_URI'];
  if (uri) {
    await checkExternalMongo(uri);
    return { uri, source: 'MONGODB_URI', stop: () => Promise.resolve() };
  }
  return startEmbedded(options);
}

async function startEmbedded(options: MongoOptions): Promise<RunningMongo> {
  const report = options.report ?? (() => undefined);
  const mongod = await findMongod({ env: options.env, report });
  const folder = await openDataFolder(options.dataDir);
  try {
    await waitUntilFree(folder.dbPath, report);
    const { uri, stop } = await launchPrimary(mongod, folder, { ...options, report });
    return { uri, source: mongod.source, stop: once(() => stop().then(folder.discard)) };
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/** The first call does the work; every call waits for it. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
