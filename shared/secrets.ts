import { MissingSetting, plainSecret, secretParameters } from './config.ts';
import { problem } from './http/problem.ts';
import { logger } from './logger.ts';
import { PREPARATION_MS, prepareBy } from './prepare.ts';
import { within } from './within.ts';

/** Values by the name of their SSM parameter. */
type Parameters = Readonly<Record<string, string>>;

let loading: Promise<Parameters> | undefined;
let askedForAtMs = 0;

/** How recent a read must be to count as current, in milliseconds: a cold start reads several secrets in a row. */
const MOMENT_MS = 5000;

/**
 * How old values may get, in milliseconds. A replaced secret reaches every container that is in use within this time
 * (docs/operations/keys.md).
 */
const MAX_AGE_MS = 300_000;

/** How long a read of values that are still there may hold up a request, in milliseconds. */
const READ_AGAIN_DEADLINE_MS = 1000;

/** How long a read may take, retries included, in milliseconds. */
const DEADLINE_MS = 3000;

// The first step, since whatever else is prepared imports this module: the other steps wait for this read. It has ended
// when the preparation has, so that a container that is frozen then does not wake up in the middle of it.
prepareBy(() => (needsParameters() ? loadedParameters(PREPARATION_MS) : undefined));

/**
 * Returns a secret of this function by name, such as `MONGODB_URI`.
 *
 * A plain variable of that name wins, for developers' machines. Otherwise the first call reads all SSM parameters of
 * the function at once, and later calls use those until they are five minutes old. If they cannot be read again, the old
 * ones stay.
 * @throws Problem `unavailable` if Parameter Store cannot be read, or does not answer in time. The next call tries again.
 * @throws MissingSetting if neither `<name>` nor `<name>_PARAMETER` is set.
 */
export async function secret(name: string): Promise<string> {
  return plainSecret(name) ?? parameterOf(name, () => loadedParameters());
}

/**
 * Returns the current value of a secret that may have changed since the container started, such as a set of public
 * keys.
 *
 * It reads all SSM parameters of the function again in one call, and {@link secret} then returns the new values too. If
 * the read fails, {@link secret} keeps the old ones. The caller decides how often this is worth a call.
 * @throws Problem `unavailable` and MissingSetting, as {@link secret} does.
 */
export async function freshSecret(name: string): Promise<string> {
  return plainSecret(name) ?? parameterOf(name, reloadedParameters);
}

/** Returns current values, as {@link freshSecret} does. All are from the same read, so they fit together. */
export function freshSecrets<Name extends string>(names: readonly Name[]): Promise<Readonly<Record<Name, string>>> {
  return secretsOfOneRead(names, reloadedParameters);
}

/**
 * Returns a secret as it was at most a moment ago, for callers that cache it and count its age from now. {@link secret}
 * could return a value that is minutes old.
 *
 * If it cannot be read again, it returns what {@link secret} returns.
 * @throws Problem `unavailable` and MissingSetting, as {@link secret} does.
 */
export async function recentSecret(name: string): Promise<string> {
  return plainSecret(name) ?? parameterOf(name, recentParameters);
}

/** Returns recent values, as {@link recentSecret} does. All are from the same read, so they fit together. */
export function recentSecrets<Name extends string>(names: readonly Name[]): Promise<Readonly<Record<Name, string>>> {
  return secretsOfOneRead(names, recentParameters);
}

async function secretsOfOneRead<Name extends string>(
  names: readonly Name[],
  read: () => Promise<Parameters>,
): Promise<Readonly<Record<Name, string>>> {
  let reading: Promise<Parameters> | undefined;
  const readOnce = () => {
    reading ??= read();
    return reading;
  };
  const values = names.map(async (name) => [name, plainSecret(name) ?? (await parameterOf(name, readOnce))] as const);
  return Object.fromEntries(await Promise.all(values)) as Record<Name, string>;
}

async function parameterOf(name: string, parameters: () => Promise<Parameters>): Promise<string> {
  const parameter = secretParameters()[name];
  if (parameter === undefined) throw new MissingSetting(`${name}_PARAMETER`);
  const value = (await parameters())[parameter];
  if (value === undefined) throw problem('unavailable', { cause: new Error(`SSM parameter ${parameter} is empty`) });
  return value;
}

/** Whether a secret of this function is no plain variable. */
function needsParameters(): boolean {
  return Object.keys(secretParameters()).some((name) => plainSecret(name) === undefined);
}

function loadedParameters(deadlineMs = DEADLINE_MS): Promise<Parameters> {
  if (loading === undefined) {
    askedForAtMs = Date.now();
    loading = readParameters(deadlineMs).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
  } else if (Date.now() - askedForAtMs >= MAX_AGE_MS) {
    const known = loading;
    askedForAtMs = Date.now();
    loading = orKnown(readParameters(READ_AGAIN_DEADLINE_MS), known);
  }
  return loading;
}

async function reloadedParameters(): Promise<Parameters> {
  const nowMs = Date.now();
  const fresh = await readParameters();
  loading = Promise.resolve(fresh);
  askedForAtMs = nowMs;
  return fresh;
}

async function recentParameters(): Promise<Parameters> {
  const known = loading;
  if (known === undefined || Date.now() - askedForAtMs < MOMENT_MS) return loadedParameters();
  return orKnown(reloadedParameters(), known);
}

/** Keeps the values that are known if they cannot be read again. An alarm counts this line (template.yaml). */
function orKnown(reading: Promise<Parameters>, known: Promise<Parameters>): Promise<Parameters> {
  return reading.catch((error: unknown) => {
    logger().error('Setting not read again', { error: error as Error });
    return known;
  });
}

async function readParameters(deadlineMs = DEADLINE_MS): Promise<Parameters> {
  try {
    return await within(deadlineMs, askFor(Object.values(secretParameters()), AbortSignal.timeout(deadlineMs)));
  } catch (cause) {
    throw problem('unavailable', { cause });
  }
}

async function askFor(names: readonly string[], signal: AbortSignal): Promise<Parameters> {
  // A chunk of its own: a function with plain variables never loads it.
  const { parameterStore } = await import('./aws/parameter-store.ts');
  return parameterStore(signal).getParametersByName<string>(Object.fromEntries(names.map((name) => [name, {}])), {
    decrypt: true,
    // Cached here, not there: a negative age disables their cache. (0 means 5 s, and forceFetch is ignored for several
    // names.)
    maxAge: -1,
  });
}
