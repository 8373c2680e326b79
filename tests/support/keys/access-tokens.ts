import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';

export const ISSUER = 'https://auth.lectern.test';
export const AUDIENCE = 'https://api.lectern.test';

/** A P-256 key pair and its published id. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function createSigningKey(kid: string): SigningKey {
  return { kid, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
}

/** The key that signs tokens by default. */
export const signingKey = createSigningKey('key-1');

/** The JSON Web Key Set of the public halves. */
export function publicKeySet(...keys: readonly SigningKey[]): string {
  return JSON.stringify({
    keys: keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'ES256' })),
  });
}

/** The private half, as a JSON Web Key for `auth`. */
export function privateKeyJwk({ kid, privateKey }: SigningKey): string {
  return JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid });
}

/** Lets functions in this test file verify the tokens of {@link buildToken}. Call it once, at the top of the file. */
export function useAccessTokens(...keys: readonly SigningKey[]): void {
  Object.assign(process.env, {
    TOKEN_ISSUER: ISSUER,
    TOKEN_AUDIENCE: AUDIENCE,
    ACCESS_TOKEN_PUBLIC_KEYS: publicKeySet(signingKey, ...keys),
  });
}

/** The parts of a token that a test sets. The rest is as `auth` issues it. An `undefined` member is left out. */
export interface TokenOptions {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly key?: SigningKey;
  readonly now?: Date;
}

/** An access token with a real signature. */
export function buildToken({ header, claims, key = signingKey, now }: TokenOptions = {}): string {
  return craftToken({
    header: JSON.stringify({ ...goodHeader(key), ...header }),
    payload: JSON.stringify({ ...goodClaims(now), ...claims }),
    signature: es256(key.privateKey),
  });
}

export function goodHeader({ kid }: SigningKey = signingKey) {
  return { alg: 'ES256', typ: 'at+jwt', kid };
}

export function goodClaims(now = new Date()) {
  const iat = Math.floor(now.getTime() / 1000);
  return {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: '65f1c0ffee65f1c0ffee65f1',
    sid: 'session-1',
    jti: randomUUID(),
    ep: 0,
    roles: ['learner'],
    iat,
    exp: iat + 900,
  };
}

/** Makes the signature of a signing input: `<header>.<payload>`. */
export type Signer = (signingInput: string) => Buffer;

/** The signature of ES256 (RFC 7518 section 3.4). */
export function es256(privateKey: KeyObject): Signer {
  return (input) => sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
}

/** A token with any texts or bytes as its parts, validly signed unless a test says otherwise. */
export function craftToken({
  header = JSON.stringify(goodHeader()),
  payload = JSON.stringify(goodClaims()),
  signature = es256(signingKey.privateKey),
}: {
  readonly header?: string | Buffer;
  readonly payload?: string | Buffer;
  readonly signature?: Signer;
}): string {
  const input = `${base64url(header)}.${base64url(payload)}`;
  return `${input}.${signature(input).toString('base64url')}`;
}

/** A token with one of its three parts changed. */
export function withPart(token: string, index: 0 | 1 | 2, change: (part: string) => string): string {
  return token
    .split('.')
    .map((part, at) => (at === index ? change(part) : part))
    .join('.');
}

/** Order of the group of P-256 (SEC 2 version 2, section 2.4.2). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same token with the other valid signature of ECDSA: (r, n - s) for (r, s). */
export function malleated(token: string): string {
  return withPart(token, 2, (part) => {
    const bytes = Buffer.from(part, 'base64url');
    const s = BigInt(`0x${bytes.toString('hex', 32)}`);
    const other = Buffer.from((P256_ORDER - s).toString(16).padStart(64, '0'), 'hex');
    return Buffer.concat([bytes.subarray(0, 32), other]).toString('base64url');
  });
}

function base64url(text: string | Buffer): string {
  return Buffer.from(text).toString('base64url');
}
