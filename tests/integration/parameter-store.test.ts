import path from 'node:path';
import { findEnvironment } from '../../tools/environment/environment.ts';
import { parameterStore } from '../../tools/keys/parameter-store.ts';
import { secretParametersOf } from '../../tools/keys/secret-parameters.ts';
import { useParameterStore } from '../support/aws/parameter-store.ts';

const root = path.resolve(import.meta.dirname, '../..');
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const { parameters } = useParameterStore();

/** What encrypts each parameter, after a secret and public keys were created and replaced. */
async function keysAfterReplacing(overrides: Readonly<Record<string, string>>) {
  const dev = await findEnvironment(root, 'dev');
  const environment = { ...dev, parameterOverrides: { ...dev.parameterOverrides, ...overrides } };
  const store = parameterStore(environment, secretParametersOf(root, environment));
  for (const kind of ['add', 'replace'] as const) {
    await store.apply([
      { kind, name: 'REFRESH_KEY', value: kind },
      { kind, name: 'ACCESS_TOKEN_PUBLIC_KEYS', value: kind },
    ]);
  }
  return [...parameters.values()].map(({ Name, Type, Value, KeyId }) => [path.basename(Name), Type, Value, KeyId]);
}

describe('the secrets in Parameter Store', () => {
  it('stay encrypted with the key of the stack when they are replaced', async () => {
    expect(await keysAfterReplacing({ KmsKeyArn: KEY })).toEqual([
      ['refresh-key', 'SecureString', 'replace', KEY],
      ['access-token-public-keys', 'String', 'replace', undefined],
    ]);
  });

  it('have the key of the account without one', async () => {
    expect(await keysAfterReplacing({})).toEqual([
      ['refresh-key', 'SecureString', 'replace', undefined],
      ['access-token-public-keys', 'String', 'replace', undefined],
    ]);
  });
});
