import commonPasswords from '../../../functions/auth/password/common-passwords.json' with { type: 'json' };
import { checkPassword, hashPassword, PASSWORD_COST } from '../../../functions/auth/password/password-hash.ts';
import { assertAcceptable } from '../../../functions/auth/password/password-policy.ts';

/** Runs with hashes that cost little, and puts back what ships. */
async function quickly<T>(ln: number, work: () => Promise<T>): Promise<T> {
  const shipped = { ...PASSWORD_COST };
  Object.assign(PASSWORD_COST, { ln });
  try {
    return await work();
  } finally {
    Object.assign(PASSWORD_COST, shipped);
  }
}

describe('the hash of a password', () => {
  it('is a PHC string of scrypt with N = 2^17, r = 8, p = 1, a salt of 16 and a hash of 32 bytes', async () => {
    const hash = await hashPassword('seven swans a-swimming');
    expect(hash).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(await checkPassword('seven swans a-swimming', hash)).toBe('right');
    expect(await checkPassword('seven swans a-swimminG', hash)).toBe('wrong');
  });

  it('is another one each time', async () => {
    const [one, other] = await quickly(4, () => Promise.all([hashPassword('the same'), hashPassword('the same')]));
    expect(one).not.toBe(other);
  });

  it.each([
    ['an accent composed or not', 'caf\u00e9 au lait', 'cafe\u0301 au lait'],
    ['full-width letters', 'ｐａｓｓｗｏｒｄｓ', 'passwords'],
  ])('does not mind how it is written: %s', async (_, one, other) => {
    await quickly(4, async () => expect(await checkPassword(other, await hashPassword(one))).toBe('right'));
  });

  it.each([
    ['what follows a NUL', 'before\0after', 'before\0AFTER'],
    ['the 73rd byte', `${'x'.repeat(72)}a`, `${'x'.repeat(72)}b`],
    ['the 128th emoji', `${'🦢'.repeat(127)}🦢`, `${'🦢'.repeat(127)}🦆`],
    ['a space at the end', 'password ', 'password'],
    ['its case', 'Password', 'password'],
  ])('minds %s', async (_, one, other) => {
    await quickly(4, async () => {
      const hash = await hashPassword(one);
      expect(await checkPassword(one, hash)).toBe('right');
      expect(await checkPassword(other, hash)).toBe('wrong');
    });
  });

  it('is outdated when it cost less than one costs now, and not when it cost more', async () => {
    const cheap = await quickly(4, () => hashPassword('the same'));
    await quickly(5, async () => {
      expect(await checkPassword('the same', cheap)).toBe('outdated');
      expect(await checkPassword('another', cheap)).toBe('wrong');
    });
    await quickly(3, async () => expect(await checkPassword('the same', cheap)).toBe('right'));
  });

  it('of nobody is wrong for every password', async () => {
    await quickly(4, async () => expect(await checkPassword('anything', null)).toBe('wrong'));
  });

  it('of nobody is worked out all the same, at the cost of a new one', async () => {
    // With a cost that scrypt refuses, that it was asked shows.
    await quickly(0, () => expect(checkPassword('anything', null)).rejects.toThrow('scrypt'));
  });

  it.each(['', 'plain', '$2b$10$abc', '$scrypt$ln=17,r=8,p=1$short$short'])(
    'is not %p: that is a fault of ours, which quotes nothing',
    async (hash) => {
      await expect(checkPassword('anything', hash)).rejects.toThrow('A password hash is not a PHC string of scrypt');
    },
  );
});

describe('a new password', () => {
  it.each(['password', 'PASSWORD1', 'ｐａｓｓｗｏｒｄ', '12345678', 'iloveyou', 'qwertyuiop', 'Trustno1'])(
    'is not %s, which anyone would try',
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
    'may be %p',
    (password) => {
      expect(() => assertAcceptable(password, '/password')).not.toThrow();
    },
  );

  it('is text: not half of a surrogate pair, which would be the same as any other half', () => {
    expect(() => assertAcceptable('passphrase\ud800', '/password')).toThrow(
      expect.objectContaining({ code: 'invalid-request' }),
    );
  });

  it('is held against 4,000 common ones, each long enough to be chosen at all', () => {
    const listed = commonPasswords.passwords.flatMap((line) => line.split(' '));
    expect(new Set(listed).size).toBe(4000);
    expect(listed.filter((password) => password.length < 8 || password !== password.toLowerCase())).toEqual([]);
  });
});
