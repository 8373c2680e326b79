import { mkdir, stat } from 'node:fs/promises';
import { RANDOM_KEYS, readSecrets, secretsFile, writeSecrets } from './local-secrets.ts';
import { DEPLOYED_IDS } from './media/media-key-ring.ts';
import { mediaKeysOf } from './media/media-keys.ts';
import type { SecretStore, StoredSecret } from './rotation/secret-store.ts';

/** The suffix for the time at which a secret changed, which is stored next to it. No function reads such a name. */
const CHANGED_AT_SUFFIX = '_CHANGED_AT';

/**
 * Stores the secrets of the local system. Several changes are one write: the file is replaced as a whole.
 * @param dataDir the data folder of `npm start`
 */
export function secretFile(dataDir: string, now: () => Date): SecretStore {
  const file = secretsFile(dataDir);

  return {
    title: `this machine (${file})`,
    locate: (name) => name,

    async read(names) {
      const secrets = withDeployedIds(await readSecrets(dataDir));
      const stored: [string, StoredSecret][] = [];
      for (const name of names) {
        const value = secrets[name];
        // `npm start` records no time. The secret is at least as old as the file.
        const changedAt = new Date(secrets[`${name}${CHANGED_AT_SUFFIX}`] ?? (value ? (await stat(file)).mtime : 0));
        if (value !== undefined) stored.push([name, { value, changedAt }]);
      }
      return new Map(stored);
    },

    async findMissing() {
      const secrets = await readSecrets(dataDir);
      return RANDOM_KEYS.filter((name) => !(name in secrets));
    },

    async apply(changes) {
      await mkdir(dataDir, { recursive: true });
      const secrets: Record<string, string> = { ...(await readSecrets(dataDir)) };
      for (const change of changes) {
        const { kind, name } = change;
        if (kind === 'add' && name in secrets) throw new Error(`${name} was created by another process meanwhile`);
        if (kind === 'remove') {
          delete secrets[name];
          delete secrets[`${name}${CHANGED_AT_SUFFIX}`];
        } else {
          secrets[name] = change.value;
          secrets[`${name}${CHANGED_AT_SUFFIX}`] = now().toISOString();
        }
      }
      await writeSecrets(dataDir, secrets);
    },
  };
}

/** Nothing is deployed locally: `npm start` always uses all keys that exist. */
function withDeployedIds(secrets: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { keyPairIds } = mediaKeysOf(secrets);
  if (keyPairIds.a === '' && keyPairIds.b === '') return secrets;
  const always = new Date(0).toISOString();
  return { ...secrets, [DEPLOYED_IDS]: JSON.stringify(keyPairIds), [`${DEPLOYED_IDS}${CHANGED_AT_SUFFIX}`]: always };
}
