/*
 * SHA-256 of bytes that come in pieces (FIPS 180-4). `crypto.subtle` needs the whole file in memory at once, and does not exist
 * on pages without HTTPS.
 */

/** The first 32 bits of the fractional parts of a root of the first primes: sections 4.2.2 and 5.3.3. */
function rootsOfPrimes(count: number, exponent: number): Uint32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return Uint32Array.from(primes, (prime) => (prime ** exponent % 1) * 2 ** 32);
}

const K = rootsOfPrimes(64, 1 / 3);
const BLOCK = 64;

export interface Sha256 {
  update(bytes: Uint8Array): void;
  /** Returns the digest in hex. Call it once. */
  digest(): string;
}

export function sha256(): Sha256 {
  const state = rootsOfPrimes(8, 1 / 2);
  const words = new Uint32Array(64);
  let rest = new Uint8Array(0);
  let length = 0;

  function compress(view: DataView, offset: number): void {
    for (let i = 0; i < 16; i += 1) words[i] = view.getUint32(offset + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const x = words[i - 15] as number;
      const y = words[i - 2] as number;
      const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      words[i] = (words[i - 16] as number) + s0 + (words[i - 7] as number) + s1;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as Eight;
    for (let i = 0; i < 64; i += 1) {
      const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (K[i] as number) + (words[i] as number)) | 0;
      const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    // The array keeps 32 bits of each sum.
    for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] as number) + word;
  }

  function update(bytes: Uint8Array): void {
    length += bytes.length;
    const all = new Uint8Array(rest.length + bytes.length);
    all.set(rest);
    all.set(bytes, rest.length);
    const view = new DataView(all.buffer);
    let offset = 0;
    for (; offset + BLOCK <= all.length; offset += BLOCK) compress(view, offset);
    rest = all.slice(offset);
  }

  return {
    update,
    digest() {
      // Section 5.1.1: a bit, zeros, and the length in bits at the end of a block.
      const bits = length * 8;
      const padding = new Uint8Array(BLOCK - ((length + 8) % BLOCK) + 8);
      padding[0] = 0x80;
      const view = new DataView(padding.buffer);
      view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
      view.setUint32(padding.length - 4, bits);
      update(padding);
      return [...state].map((word) => word.toString(16).padStart(8, '0')).join('');
    },
  };
}

type Eight = [number, number, number, number, number, number, number, number];

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
