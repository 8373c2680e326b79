import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** scrypt parameters: the binary logarithm of N, the block size and the parallelism (RFC 7914 section 2). */
interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** Cost of new hashes: 128 MiB for a few tenths of a second (OWASP "Password Storage Cheat Sheet", scrypt). */
export const PASSWORD_COST: ScryptCost = { ln: 17, r: 8, p: 1 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** PHC string format: standard base64 without padding. */
const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** Hashes a password with a random salt, as a PHC string: `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`. */
export async function hashPassword(password: string): Promise<string> {
  const cost = PASSWORD_COST;
  const salt = randomBytes(SALT_BYTES);
  const { ln, r, p } = cost;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${base64(salt)}$${base64(await scryptOf(password, salt, cost))}`;
}

/**
 * Checks a password against a hash. `outdated` means that it matches, and that the hash has a lower cost than new ones.
 *
 * Pass null for an account that does not exist: the answer is `wrong` after the same work, so that its time does not
 * tell which accounts exist.
 * @throws Error if the hash does not have the form of {@link hashPassword}.
 */
export async function checkPassword(password: string, hash: string | null): Promise<'right' | 'outdated' | 'wrong'> {
  const { cost, salt, expected } = hash === null ? dummyHash() : parse(hash);
  const isSame = timingSafeEqual(await scryptOf(password, salt, cost), expected);
  if (!isSame || hash === null) return 'wrong';
  const { ln, r, p } = PASSWORD_COST;
  return cost.ln < ln || cost.r < r || cost.p < p ? 'outdated' : 'right';
}

/** Normalizes the password first, since devices compose accents in different ways. */
function scryptOf(password: string, salt: Buffer, { ln, r, p }: ScryptCost): Promise<Buffer> {
  const N = 2 ** ln;
  // scrypt needs slightly more than 128 N r bytes (RFC 7914 section 2); twice that is always enough.
  return derive(password.normalize('NFKC'), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r });
}

function dummyHash() {
  return { cost: PASSWORD_COST, salt: randomBytes(SALT_BYTES), expected: Buffer.alloc(HASH_BYTES) };
}

function parse(hash: string) {
  const [, ln, r, p, salt, expected] = PHC.exec(hash) ?? [];
  if (salt === undefined || expected === undefined) throw new Error('A password hash is not a PHC string of scrypt');
  return {
    cost: { ln: Number(ln), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    expected: Buffer.from(expected, 'base64'),
  };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
