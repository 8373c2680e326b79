import commonPasswords from '../../../functions/auth/password/common-passwords.json' with { type: 'json' };
import { checkPassword, hashPassword, PASSWORD_COST } from '../../../functions/auth/password/password-hash.ts';
import { assertAcceptable } from '../../../functions/auth/password/password-policy.ts';

/** Runs with cheap hashes, and restores the real cost afterwards. */
async function quickly<T>(ln: number, work: () => Promise<T>): Promise<T> {
  const shipped = { ...PASSWORD_COST };
  Object.assign(PASSWORD_COST, { ln });
  try {
    return await work();
  } finally {
    Object.assign(PASSWORD_COST, shipped);
  }
}

describe('a password hash', () => {
  it('is a PHC string of scrypt with N = 2^17, r = 8, p = 1, a salt of 16 and a hash of 32 bytes', async () => {
    const hash = await hashPassword('seven swans a-swimming');
    expect(hash).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await checkPassword('seven swans a-swimming', hash)).toBe('right');
    expect(await checkPassword('seven swans a-swimminG', hash)).toBe('wrong');
  });

  it('is different each time', async () => {
    const [one, other] = await quickly(4, () => Promise.all([hashPassword('the same'), hashPassword('the same')]));
    expect(one).not.toBe(other);
  });

  it.each([
    ['a composed or decomposed accent', 'caf\u00e9 au lait', 'cafe\u0301 au lait'],
    ['full-width letters', 'ｐａｓｓｗｏｒｄｓ', 'passwords'],
  ])('is independent of the Unicode form: %s', async (_, one, other) => {
    await quickly(4, async () => expect(await checkPassword(other, await hashPassword(one))).toBe('right'));
  });

  it.each([
    ['characters after a NUL', 'before\0after', 'before\0AFTER'],
    ['the 73rd byte', `${'x'.repeat(72)}a`, `${'x'.repeat(72)}b`],
    ['the 128th emoji', `${'🦢'.repeat(127)}🦢`, `${'🦢'.repeat(127)}🦆`],
    ['a trailing space', 'password ', 'password'],
    ['the case', 'Password', 'password'],
  ])('depends on %s', async (_, one, other) => {
    await quickly(4, async () => {
      const hash = await hashPassword(one);
      expect(await checkPassword(one, hash)).toBe('right');
      expect(await checkPassword(other, hash)).toBe('wrong');
    });
  });

  it('is outdated if its cost is lower than the current cost, not if it is higher', async () => {
    const cheap = await quickly(4, () => hashPassword('the same'));
    await quickly(5, async () => {
      expect(await checkPassword('the same', cheap)).toBe('outdated');
      expect(await checkPassword('another', cheap)).toBe('wrong');
    });
    await quickly(3, async () => expect(await checkPassword('the same', cheap)).toBe('right'));
  });

  it('of an unknown account never matches', async () => {
    await quickly(4, async () => expect(await checkPassword('anything', null)).toBe('wrong'));
  });

  it('of an unknown account costs as much to check as any other', async () => {
    // A cost that scrypt rejects shows that it was called.
    await quickly(0, () => expect(checkPassword('anything', null)).rejects.toThrow('scrypt'));
  });

  it.each(['', 'plain', '$2b$10$abc', '$scrypt$ln=17,r=8,p=1$short$short'])(
    'cannot be %p: the check fails without quoting it',
    async (hash) => {
      await expect(checkPassword('anything', hash)).rejects.toThrow('A password hash is not a PHC string of scrypt');
    },
  );
});

describe('a new password', () => {
  it.each(['password', 'PASSWORD1', 'ｐａｓｓｗｏｒｄ', '12345678', 'iloveyou', 'qwertyuiop', 'Trustno1'])(
    'cannot be the common password %s',
    (password) => {
      expect(() => assertAcceptable(password, '/newPassword')).toThrow(
        expect.objectContaining({
          code: 'invalid-request',
          options: expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/newPassword' })] }),
        }),
      );
    },
  );

  it.each(['seven swans a-swimming', '        ', '🦢🦢🦢🦢🦢🦢🦢🦢', 'constructor', '__proto__'])(
    'can be %p',
    (password) => {
      expect(() => assertAcceptable(password, '/password')).not.toThrow();
    },
  );

  it('cannot contain half of a surrogate pair, because all halves have the same encoding', () => {
    expect(() => assertAcceptable('passphrase\ud800', '/password')).toThrow(
      expect.objectContaining({ code: 'invalid-request' }),
    );
  });

  it('is compared with 4,000 common passwords of at least 8 characters', () => {
    const listed = commonPasswords.passwords.flatMap((line) => line.split(' '));
    expect(new Set(listed).size).toBe(4000);
    expect(listed.filter((password) => password.length < 8 || password !== password.toLowerCase())).toEqual([]);
  });
});
