import { parseSigningKey } from '../../../functions/auth/token/access-token-key.ts';
import { cached } from '../../../shared/cached.ts';
import { useLogs } from '../../support/jest/logs.ts';
import { privateKeyJwk, publicKeySet, signingKey } from '../../support/keys/access-tokens.ts';

const logs = useLogs();

describe('parsing the signing key', () => {
  it('returns the key and its id', () => {
    const { kid, key } = parseSigningKey(privateKeyJwk(signingKey));
    expect(kid).toBe('key-1');
    expect(key.equals(signingKey.privateKey)).toBe(true);
  });

  const { kid: _, ...withoutKid } = JSON.parse(privateKeyJwk(signingKey)) as Record<string, string>;
  const { d, ...publicHalf } = JSON.parse(privateKeyJwk(signingKey)) as Record<string, string>;

  it.each([
    ['a text that is not JSON', 'secret-that-must-not-be-quoted'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a set of public keys', publicKeySet(signingKey)],
    ['a public key', JSON.stringify(publicHalf)],
    ['a key without an id', JSON.stringify(withoutKid)],
    ['a key on another curve', JSON.stringify({ ...publicHalf, d, crv: 'P-384' })],
  ])('rejects %s without quoting it', (_, json) => {
    const fault = (() => {
      try {
        return parseSigningKey(json);
      } catch (error) {
        return error as Error;
      }
    })();
    expect(fault).toBeInstanceOf(Error);
    expect(String(fault)).toMatch(/^Error: ACCESS_TOKEN_PRIVATE_KEY is not /);
    expect(fault).not.toHaveProperty('cause');
  });
});

describe('a cached value', () => {
  function clock() {
    let nowMs = 0;
    return {
      now: () => new Date(nowMs),
      pass(milliseconds: number) {
        nowMs += milliseconds;
      },
    };
  }

  it('is read once, and again after its maximum age', async () => {
    const time = clock();
    const readAgain = jest.fn().mockResolvedValue('new');
    const latest = () => 0;
    const value = cached(60_000, { read: () => Promise.resolve('old'), readAgain, now: time.now, random: latest });
    expect(await value()).toBe('old');
    time.pass(59_999);
    expect(await value()).toBe('old');
    expect(readAgain).not.toHaveBeenCalled();
    time.pass(1);
    expect(await value()).toBe('new');
  });

  it.each([
    [0, 60_000],
    [0.5, 52_500],
    [1, 45_000],
  ])(
    'is read again up to a quarter earlier, by chance (%s), so that a fleet does not read together',
    async (chance, age) => {
      const time = clock();
      const readAgain = jest.fn().mockResolvedValue('new');
      const random = () => chance;
      const value = cached(60_000, { read: () => Promise.resolve('old'), readAgain, now: time.now, random });
      // The second age has its own chance.
      for (const before of ['old', 'new']) {
        expect(await value()).toBe(before);
        readAgain.mockClear();
        time.pass(age - 1);
        expect(await value()).toBe(before);
        expect(readAgain).not.toHaveBeenCalled();
        time.pass(1);
        expect(await value()).toBe('new');
        expect(readAgain).toHaveBeenCalledTimes(1);
      }
    },
  );

  it('stays in use while it cannot be read again, which is logged and retried later', async () => {
    const time = clock();
    const readAgain = jest.fn().mockRejectedValue(new Error('away'));
    const value = cached(60_000, { read: () => Promise.resolve('old'), readAgain, now: time.now });
    await value();
    time.pass(60_000);
    expect([await value(), await value()]).toEqual(['old', 'old']);
    expect(readAgain).toHaveBeenCalledTimes(1);
    expect(logs.lines()).toMatchObject([
      { level: 'ERROR', message: 'Setting not read again', error: { message: 'away' } },
    ]);
  });

  it('is read by the next caller when the first read fails', async () => {
    const read = jest.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue('value');
    const value = cached(60_000, { read, readAgain: read });
    await expect(value()).rejects.toThrow('away');
    expect(await value()).toBe('value');
  });
});
