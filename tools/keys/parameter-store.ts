import {
  DeleteParameterCommand,
  GetParametersCommand,
  type Parameter,
  ParameterNotFound,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { clientFor } from '../environment/clients.ts';
import type { DeploymentEnvironment } from '../environment/environment.ts';
import { NEXT_KEY, PUBLIC_KEYS, SIGNING_KEY } from './access-token/key-ring.ts';
import { MEDIA_KEY_RING_SECRETS, MEDIA_SIGNING_KEY, NEXT_MEDIA_KEY } from './media/media-key-ring.ts';
import { PUBLIC_KEY_IN } from './media/media-keys.ts';
import type { Change, SecretStore } from './rotation/secret-store.ts';

/** Most names in one GetParameters call (AWS Systems Manager API reference). */
const MAX_NAMES = 10;

/** Public keys, stored as plain strings: CloudFormation accepts no SecureString as a parameter. */
const PLAIN_TEXT: ReadonlySet<string> = new Set([PUBLIC_KEYS, PUBLIC_KEY_IN.a, PUBLIC_KEY_IN.b]);

/** Secrets that belong to a key ring, which reports them itself when they are missing. */
const KEY_RING_SECRETS: ReadonlySet<string> = new Set([SIGNING_KEY, PUBLIC_KEYS, ...MEDIA_KEY_RING_SECRETS]);

/**
 * Stores the secrets of an environment in Parameter Store. Each change is a separate write.
 * @param parameters names of its SSM parameters, by the name of the secret
 */
export function parameterStore(
  environment: DeploymentEnvironment,
  parameters: ReadonlyMap<string, string>,
): SecretStore {
  const { name: environmentName, region } = environment;
  const kmsKeyArn = environment.parameterOverrides['KmsKeyArn'] ?? '';
  const client = clientFor(environment, SSMClient);
  const names = new Map([
    ...parameters,
    // Next to the keys that sign. template.yaml does not name them, so no function may read them.
    [NEXT_KEY, siblingOf(SIGNING_KEY, 'access-token-next-private-key')],
    [NEXT_MEDIA_KEY, siblingOf(MEDIA_SIGNING_KEY, 'media-next-signing-key')],
  ]);

  function siblingOf(name: string, file: string): string {
    return (parameters.get(name) ?? '').replace(/[^/]*$/, file);
  }

  function parameterOf(name: string): string {
    const parameter = names.get(name);
    if (parameter === undefined) throw new Error(`template.yaml has no parameter for ${name}`);
    return parameter;
  }

  /** Returns the parameters that exist, by the name of their secret. */
  async function findParameters(wanted: readonly string[], decrypt: boolean): Promise<ReadonlyMap<string, Parameter>> {
    const found = new Map<string, Parameter>();
    for (let start = 0; start < wanted.length; start += MAX_NAMES) {
      const Names = wanted.slice(start, start + MAX_NAMES).map(parameterOf);
      const { Parameters = [] } = await client.send(new GetParametersCommand({ Names, WithDecryption: decrypt }));
      for (const name of wanted) {
        const parameter = Parameters.find(({ Name }) => Name === parameterOf(name));
        if (parameter !== undefined) found.set(name, parameter);
      }
    }
    return found;
  }

  async function write(change: Change): Promise<void> {
    const Name = parameterOf(change.name);
    if (change.kind === 'remove') {
      await client.send(new DeleteParameterCommand({ Name })).catch((error: unknown) => {
        if (!(error instanceof ParameterNotFound)) throw error;
      });
      return;
    }
    // Without it, a new value would be encrypted with the account's default key ("PutParameter", KeyId).
    const key = kmsKeyArn === '' || PLAIN_TEXT.has(change.name) ? {} : { KeyId: kmsKeyArn };
    // The type applies to new parameters. Existing ones keep theirs.
    const options =
      change.kind === 'replace'
        ? { Overwrite: true }
        : { Overwrite: false, Type: PLAIN_TEXT.has(change.name) ? ('String' as const) : ('SecureString' as const) };
    await client.send(new PutParameterCommand({ Name, Value: change.value, ...options, ...key }));
  }

  return {
    title: `${environmentName} (Parameter Store, ${region})`,
    locate: parameterOf,

    async read(wanted) {
      const found = await findParameters(wanted, true);
      return new Map(
        [...found].map(([name, { Value = '', LastModifiedDate = new Date(0) }]) => [
          name,
          { value: Value, changedAt: LastModifiedDate },
        ]),
      );
    },

    async findMissing() {
      // Existence needs no decryption.
      const others = [...parameters.keys()].filter((name) => !KEY_RING_SECRETS.has(name));
      const found = await findParameters(others, false);
      return others.filter((name) => !found.has(name));
    },

    async apply(changes) {
      for (const change of changes) {
        await write(change).catch((error: unknown) => {
          // Only the name of the error: AWS may quote input in its messages.
          const reason = error instanceof Error ? error.name : 'an unknown error';
          throw new Error(`${parameterOf(change.name)} could not be changed: ${reason}. Run the same command again.`);
        });
      }
    },
  };
}
