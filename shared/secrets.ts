import { MissingSetting, plainSecret, secretParameters } from './config.ts';
import { problem } from './http/problem.ts';

let loading: Promise<Readonly<Record<string, string>>> | undefined;

/**
 * A secret of this function by its name, such as `MONGODB_URI`.
 *
 * A plain variable of that name wins, for use on a developer's machine. Otherwise the first call reads all the
 * function's SSM parameters at once and every later call, of any name, has them.
 * @throws Problem `unavailable` when Parameter Store cannot be read; the next call tries again.
 * @throws MissingSetting when neither `<name>` nor `<name>_PARAMETER` is set.
 */
export async function secret(name: string): Promise<string> {
  const plain = plainSecret(name);
  if (plain !== undefined) return plain;

  const parameter = secretParameters()[name];
  if (parameter === undefined) throw new MissingSetting(`${name}_PARAMETER`);

  loading ??= loadParameters().catch((cause: unknown) => {
    loading = undefined;
    throw problem('unavailable', { cause });
  });
  const value = (await loading)[parameter];
  if (value === undefined) throw problem('unavailable', { cause: new Error(`SSM parameter ${parameter} is empty`) });
  return value;
}

async function loadParameters(): Promise<Readonly<Record<string, string>>> {
  // A chunk of its own: a function with plain variables never loads the AWS client.
  const { getParametersByName } = await import('@aws-lambda-powertools/parameters/ssm');
  const names = Object.values(secretParameters());
  return getParametersByName<string>(Object.fromEntries(names.map((name) => [name, {}])), { decrypt: true });
}
