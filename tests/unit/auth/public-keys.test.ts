import { parsePublicKeys } from '../../../shared/auth/key-set.ts';
import { publicKeySource } from '../../../shared/auth/public-keys.ts';
import { problem } from '../../../shared/http/problem.ts';
import { createSigningKey, publicKeySet, signingKey } from '../../support/keys/access-tokens.ts';

const nextKey = createSigningKey('key-2');

describe('parsing a set of public keys', () => {
  it('returns the keys by id', () => {
    const keys = parsePublicKeys(publicKeySet(signingKey, nextKey));
    expect([...keys.keys()]).toEqual(['key-1', 'key-2']);
    expect(keys.get('key-1')?.equals(signingKey.publicKey)).toBe(true);
    expect(keys.get('key-2')).toMatchObject({ type: 'public', asymmetricKeyType: 'ec' });
  });

  it('finds no key under names that every object inherits', () => {
    const keys = parsePublicKeys(publicKeySet(signingKey));
    for (const kid of ['__proto__', 'constructor', 'toString', '']) expect(keys.has(kid)).toBe(false);
  });

  const { kty, crv, x, y } = signingKey.publicKey.export({ format: 'jwk' });
  const good = { kty, crv, x, y, use: 'sig', kid: 'key-1' };
  const set = (...keys: readonly unknown[]) => JSON.stringify({ keys });

  it('accepts a key without alg', () => {
    expect(parsePublicKeys(set(good)).has('key-1')).toBe(true);
  });

  it.each([
    ['is not JSON', '{"keys":', 'not JSON'],
    ['is empty text', '', 'not JSON'],
    ['is an array', `[${JSON.stringify(good)}]`, 'no array `keys`'],
    ['is one key', JSON.stringify(good), 'no array `keys`'],
    ['has no key', set(), 'no key'],
    ['has a text in the place of a key', set('key-1'), 'not an object'],
    ['has a private key', set(signingKeyWithPrivatePart()), 'private'],
    ['has a key without id', set({ ...good, kid: undefined }), 'no kid'],
    ['has a key with an invalid id', set({ ...good, kid: '../key' }), 'no kid'],
    ['has an id twice', set(good, { ...good }), 'two keys with the same kid'],
    ['has a key without use', set({ ...good, use: undefined }), 'not a P-256 key'],
    ['has a key for encryption', set({ ...good, use: 'enc' }), 'not a P-256 key'],
    ['has a key for another algorithm', set({ ...good, alg: 'ES384' }), 'not a P-256 key'],
    ['has a secret', set({ kty: 'oct', k: 'AAAA', use: 'sig', kid: 'key-1' }), 'not a P-256 key'],
    ['has an RSA key', set({ ...good, kty: 'RSA' }), 'not a P-256 key'],
    ['has a key on another curve', set({ ...good, crv: 'P-384' }), 'not a P-256 key'],
    ['has a key with a short coordinate', set({ ...good, y: String(y).slice(1) }), 'not a P-256 key'],
    ['has a key with a coordinate that is not a string', set({ ...good, x: 7 }), 'not a P-256 key'],
  ])('rejects a set that %s', (_, json, message) => {
    expect(() => parsePublicKeys(json)).toThrow(message);
  });

  it('rejects a point that is not on the curve', () => {
    expect(() => parsePublicKeys(set({ ...good, x: y, y: x }))).toThrow();
  });

  it('never quotes a rejected set', () => {
    const { d } = signingKey.privateKey.export({ format: 'jwk' });
    for (const json of [`{"d":"${d}"`, `${d}`, set(signingKeyWithPrivatePart())]) {
      expect(() => parsePublicKeys(json)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(String(d)) }),
      );
    }
  });

  function signingKeyWithPrivatePart(): object {
    return { ...signingKey.privateKey.export({ format: 'jwk' }), kid: 'key-1', use: 'sig' };
  }
});

describe('the public keys of a container', () => {
  let published: string;
  let failing: boolean;
  let reads: string[];
  let nowMs: number;
  let keysFor: ReturnType<typeof publicKeySource>;
  let chance: number;

  beforeEach(() => {
    chance = 0;
    published = publicKeySet(signingKey);
    failing = false;
    reads = [];
    nowMs = Date.parse('2026-11-02T12:00:00.000Z');
    const reading = (how: string) => async () => {
      reads.push(how);
      if (failing) throw problem('unavailable');
      return published;
    };
    keysFor = publicKeySource({
      read: reading('read'),
      readAgain: reading('again'),
      now: () => new Date(nowMs),
      random: () => chance,
    });
  });

  it('are read and parsed once', async () => {
    const [first, second] = await Promise.all([keysFor('key-1'), keysFor('key-1')]);
    expect(second).toBe(first);
    expect(await keysFor('key-1')).toBe(first);
    expect(reads).toEqual(['read']);
  });

  it('are read again for an unknown key id, and then include the new key', async () => {
    await keysFor('key-1');
    published = publicKeySet(signingKey, nextKey);
    expect((await keysFor('key-2')).has('key-2')).toBe(true);
    expect([...(await keysFor('key-1')).keys()]).toEqual(['key-1', 'key-2']);
    expect(reads).toEqual(['read', 'again']);
  });

  it('drop a retired key when they are read again', async () => {
    await keysFor('key-1');
    published = publicKeySet(nextKey);
    expect((await keysFor('key-2')).has('key-1')).toBe(false);
  });

  it('are read again at most once a minute, however many key ids are made up', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => keysFor(`made-up-${index}`)));
    nowMs += 59_999;
    expect((await keysFor('made-up')).has('made-up')).toBe(false);
    expect(reads).toEqual(['read', 'again']);
    nowMs += 1;
    await keysFor('made-up');
    expect(reads).toEqual(['read', 'again', 'again']);
  });

  it('include a key that was published a minute ago, even while key ids are made up', async () => {
    await keysFor('made-up');
    nowMs += 1;
    published = publicKeySet(signingKey, nextKey);
    nowMs += 60_000;
    expect((await keysFor('key-2')).has('key-2')).toBe(true);
  });

  it('answer unavailable for an unknown key while they cannot be read again, and keep serving known keys', async () => {
    await keysFor('key-1');
    failing = true;
    await expect(keysFor('key-2')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(keysFor('key-2')).rejects.toMatchObject({ code: 'unavailable' });
    expect((await keysFor('key-1')).has('key-1')).toBe(true);
    expect(reads).toEqual(['read', 'again']);
  });

  it('are read again after five minutes, so that a retired key is rejected by then', async () => {
    await keysFor('key-1');
    published = publicKeySet(nextKey);
    nowMs += 299_999;
    expect((await keysFor('key-1')).has('key-1')).toBe(true);
    nowMs += 1;
    expect((await keysFor('key-1')).has('key-1')).toBe(false);
    expect(reads).toEqual(['read', 'again']);
  });

  it('are read again up to a quarter earlier, by chance, so that a fleet does not read together', async () => {
    chance = 1;
    await keysFor('key-1');
    nowMs += 224_999;
    await keysFor('key-1');
    expect(reads).toEqual(['read']);
    nowMs += 1;
    await keysFor('key-1');
    expect(reads).toEqual(['read', 'again']);
  });

  it('stay in use while they cannot be read again, and retry once a minute', async () => {
    await keysFor('key-1');
    failing = true;
    nowMs += 300_000;
    for (let request = 0; request < 3; request += 1) expect((await keysFor('key-1')).has('key-1')).toBe(true);
    expect(reads).toEqual(['read', 'again']);
    failing = false;
    nowMs += 60_000;
    expect((await keysFor('key-1')).has('key-1')).toBe(true);
    expect(reads).toEqual(['read', 'again', 'again']);
  });

  it('are read by the next request when the first read fails', async () => {
    failing = true;
    await expect(keysFor('key-1')).rejects.toMatchObject({ code: 'unavailable' });
    failing = false;
    expect((await keysFor('key-1')).has('key-1')).toBe(true);
  });

  it('stay in use when an invalid set is read', async () => {
    await keysFor('key-1');
    published = '{}';
    await expect(keysFor('key-2')).rejects.toThrow('no array `keys`');
    expect((await keysFor('key-1')).has('key-1')).toBe(true);
  });
});
