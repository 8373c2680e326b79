import { MissingSetting, plainSecret, secretParameters } from './config.ts';
import { problem } from './http/problem.ts';

/** Values by the name of their SSM parameter. */
type Parameters = Readonly<Record<string, string>>;

let loading: Promise<Parameters> | undefined;
let askedForAtMs = 0;

/** How long ago what was read is as good as read now, in milliseconds: a cold start asks for one secret after another. */
const MOMENT_MS = 5000;

/**
 * A secret of this function by its name, such as `MONGODB_URI`.
 *
 * A plain variable of that name wins, for use on a developer's machine. Otherwise the first call reads all the
 * function's SSM parameters at once and every later call, of any name, has them.
 * @throws Problem `unavailable` when Parameter Store cannot be read; the next call tries again.
 * @throws MissingSetting when neither `<name>` nor `<name>_PARAMETER` is set.
 */
export async function secret(name: string): Promise<string> {
  return plainSecret(name) ?? parameterOf(name, loadedParameters);
}

/**
 * A secret as it is now, for one that may have changed since the container started, such as a set of public keys.
 *
 * All the function's SSM parameters are read again in one call, and {@link secret} then has the new values too. When
 * that fails, {@link secret} keeps those it had. How often this is worth a call is for the caller to know.
 * @throws Problem `unavailable` and MissingSetting, as {@link secret} does.
 */
export async function freshSecret(name: string): Promise<string> {
  return plainSecret(name) ?? parameterOf(name, reloadedParameters);
}

/**
 * A secret as it is now or was a moment ago, for who keeps it from then on and reckons its age from here. A container may
 * have run for hours before it needs this secret, and {@link secret} would give it as it was then.
 *
 * Where it cannot be read again it is as {@link secret} gives it.
 * @throws Problem `unavailable` and MissingSetting, as {@link secret} does.
 */
export async function recentSecret(name: string): Promise<string> {
  return plainSecret(name) ?? parameterOf(name, recentParameters);
}

async function parameterOf(name: string, parameters: () => Promise<Parameters>): Promise<string> {
  const parameter = secretParameters()[name];
  if (parameter === undefined) throw new MissingSetting(`${name}_PARAMETER`);
  const value = (await parameters())[parameter];
  if (value === undefined) throw problem('unavailable', { cause: new Error(`SSM parameter ${parameter} is empty`) });
  return value;
}

function loadedParameters(): Promise<Parameters> {
  if (loading === undefined) {
    askedForAtMs = Date.now();
    loading = readParameters().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
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
  return reloadedParameters().catch(() => known);
}

async function readParameters(): Promise<Parameters> {
  try {
    // A chunk of its own: a function with plain variables never loads the AWS client.
    const { getParametersByName } = await import('@aws-lambda-powertools/parameters/ssm');
    const names = Object.values(secretParameters());
    return await getParametersByName<string>(Object.fromEntries(names.map((name) => [name, {}])), {
      decrypt: true,
      // They are kept here, not there: a negative age keeps nothing. (0 means 5 s, and forceFetch is not heeded for many.)
      maxAge: -1,
    });
  } catch (cause) {
    throw problem('unavailable', { cause });
  }
}
