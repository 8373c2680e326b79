import type { Environment } from '../../tools/platform/run.ts';
import { findMongod } from './binary/binary.ts';
import { openDataFolder } from './data-folder.ts';
import { launchPrimary } from './embedded.ts';
import { checkExternalMongo } from './external.ts';
import { waitUntilFree } from './holder.ts';
import { keepRunning } from './keep-running.ts';

export interface MongoOptions {
  /** The source of MONGODB_URI, PATH and the cache folder. */
  readonly env: Environment;
  /** Keeps the data between starts. Without it, they are temporary and removed on stop. */
  readonly dataDir?: string | undefined;
  /** Addresses to listen on besides 127.0.0.1, such as 172.17.0.1, by which containers reach the host. */
  readonly bindAlso?: readonly string[];
  /** Size of mongod's cache in GB, 0.5 by default and at least 0.25. */
  readonly cacheSizeGB?: number;
  /** Starts mongod again, with its data and on its port, if it ends by itself or is killed. Needs a `dataDir`. */
  readonly keepRunning?: boolean;
  /** Called with a line for people about anything that takes a while. */
  readonly report?: (message: string) => void;
}

export interface RunningMongo {
  readonly uri: string;
  /** For people: which mongod this is and where it came from. */
  readonly source: string;
  /** Shuts mongod down and waits for it. Does nothing to a server that ran before. */
  stop(): Promise<void>;
}

/**
 * Provides a MongoDB replica set: the one of MONGODB_URI, else a mongod that ends with this process, however that ends.
 *
 * @throws Error that says what to do: no mongod found, a data folder in use, an unusable MONGODB_URI.
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
    const primary = await launchPrimary(mongod, folder, { ...options, report });
    const { uri, port } = primary;
    const restart = async () => {
      await waitUntilFree(folder.dbPath, report);
      return launchPrimary(mongod, folder, { ...options, report, port });
    };
    const stop = options.keepRunning
      ? keepRunning(primary, { restart, report, logPath: folder.logPath })
      : primary.stop;
    return { uri, source: mongod.source, stop: once(() => stop().then(folder.discard)) };
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/** The first call stops it; every call waits. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
