import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseSigningKey } from '../../../functions/auth/token/access-token-key.ts';
import { parsePublicKeys } from '../../../shared/auth/key-set.ts';
import { localSecrets, secretsFor } from '../../../tools/keys/local-secrets.ts';
import { readMediaKey } from '../../../tools/keys/media/media-key-ring.ts';
import { readTemplate } from '../../../tools/template/read-template.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'lectern-secrets-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const file = () => path.join(dataDir, 'secrets.json');

describe('the secrets of this machine', () => {
  it('are made once, and readable by their owner alone', async () => {
    const made = await localSecrets(dataDir);
    expect(await localSecrets(dataDir)).toEqual(made);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it('are made anew in another folder', async () => {
    const made = await localSecrets(dataDir);
    await rm(file());
    const others = await localSecrets(dataDir);
    // What is no secret: that a slot has no key.
    const { MEDIA_PUBLIC_KEY_B: _, ...secrets } = made;
    for (const [name, value] of Object.entries(secrets)) expect(others[name]).not.toBe(value);
  });

  it('are completed in a folder of an earlier version, and what is there stays', async () => {
    await writeFile(file(), JSON.stringify({ CURSOR_KEY: 'kept' }));
    const secrets = await localSecrets(dataDir);
    expect(secrets['CURSOR_KEY']).toBe('kept');
    expect(secrets).toMatchObject({ FEED_KEY: expect.any(String), MEDIA_SIGNING_KEY: expect.any(String) });
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual(secrets);
  });

  it('have media keys that belong together, also where one of them was lost', async () => {
    await writeFile(file(), JSON.stringify({ MEDIA_PUBLIC_KEY_A: 'of another', MEDIA_PUBLIC_KEY_B: 'of a third' }));
    const { MEDIA_SIGNING_KEY = '', MEDIA_PUBLIC_KEY_A, MEDIA_PUBLIC_KEY_B } = await localSecrets(dataDir);
    expect(readMediaKey(MEDIA_SIGNING_KEY, 'MEDIA_SIGNING_KEY')).toMatchObject({
      slot: 'a',
      publicKey: MEDIA_PUBLIC_KEY_A,
    });
    expect(MEDIA_PUBLIC_KEY_B).toBe('none');
  });

  it.each(['null', '"abc"', '[]', '{"CURSOR_KEY":""}', '{"CURSOR_KEY":7}', '{'])(
    'are not read from a file of %s',
    async (text) => {
      await writeFile(file(), text);
      await expect(localSecrets(dataDir)).rejects.toThrow(/Delete it and start again/);
      expect(await readFile(file(), 'utf8')).toBe(text);
    },
  );

  it('have a key pair whose halves belong together', async () => {
    const { ACCESS_TOKEN_PRIVATE_KEY = '', ACCESS_TOKEN_PUBLIC_KEYS = '' } = await localSecrets(dataDir);
    const { kid, key } = parseSigningKey(ACCESS_TOKEN_PRIVATE_KEY);
    const published = parsePublicKeys(ACCESS_TOKEN_PUBLIC_KEYS).get(kid);
    const { x, y } = key.export({ format: 'jwk' });
    expect(published?.export({ format: 'jwk' })).toMatchObject({ x, y });
  });

  it('go to the functions that template.yaml gives them to: what signs tokens to auth alone', async () => {
    const secrets = await localSecrets(dataDir);
    const { functions } = readTemplate(path.resolve(import.meta.dirname, '../../../template.yaml'));
    for (const { name, environment } of functions) {
      const given = Object.keys(secretsFor(environment, secrets));
      expect(given).not.toContain('SAMPLE_PASSWORD');
      for (const secret of ['ACCESS_TOKEN_PRIVATE_KEY', 'REFRESH_KEY', 'RATE_LIMIT_KEY']) {
        expect(given.includes(secret)).toBe(name === 'auth');
      }
      if (given.includes('MEDIA_SIGNING_KEY')) expect(['media-url', 'podcast']).toContain(name);
      if (given.includes('FEED_KEY')) expect(name).toBe('podcast');
    }
  });
});
