import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { invalidToken, tokenExpired } from './challenges.ts';
import { isKeyId, type PublicKeys } from './key-set.ts';
import { isRole, type Role } from './roles.ts';

/** Longest access token, in bytes: API Gateway takes 10 KB of headers altogether ("Amazon API Gateway quotas"). */
const MAX_TOKEN_BYTES = 4096;

/** Longest lifetime of an access token, in seconds: short, since a signed token cannot be recalled (RFC 6750 section 5.3). */
export const MAX_LIFETIME_SECONDS = 900;

/** How far two clocks may be apart, in seconds (RFC 7519 section 4.1.4: "no more than a few minutes"). */
const LEEWAY_SECONDS = 30;

/** The one algorithm (RFC 8725 section 3.1). */
export const ALGORITHM = 'ES256';

/** Told from every other kind of JWT by its type (RFC 8725 section 3.11, RFC 9068 section 2.1). */
export const TYPE = 'at+jwt';

/**
 * The compact form (RFC 7515 section 7.1): three parts of base64url without padding. The last has the 64 bytes of an
 * ES256 signature (RFC 7518 section 3.4) and no stray bits, which would give one signature several spellings.
 */
const COMPACT = /^([\w-]+)\.([\w-]+)\.[\w-]{85}[AQgw]$/;

/** Ids of ours are hex, base64url or UUIDs: nothing here needs escaping in a log, a key or a query. */
const ID = /^[\w-]{1,64}$/;

/**
 * Cryptography alone: what `jsonwebtoken` makes of times is looser than what is checked here, and an expired token that
 * is wrong in other ways too must not be called expired.
 */
const SIGNATURE_ONLY: jwt.VerifyOptions = { algorithms: [ALGORITHM], ignoreExpiration: true, ignoreNotBefore: true };

/** What an access token says: RFC 9068 section 2.2 without `client_id`, as nobody here is an OAuth client; and `sid`, `ep`. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly aud: string;
  /** The account. */
  readonly sub: string;
  /** The session the token was issued in; revocation is by this. */
  readonly sid: string;
  /** The token itself; a copy of it with another spelling of the signature has the same. */
  readonly jti: string;
  /** The account's token epoch, raised to end all of its sessions at once. */
  readonly ep: number;
  readonly roles: readonly Role[];
  /** Seconds since 1970, as is `exp`. */
  readonly iat: number;
  readonly exp: number;
}

/** What an access token is verified against. */
export interface Verification {
  readonly keys: PublicKeys;
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
}

/**
 * The id of the key that a token says it was signed with. Nothing is proved by that yet.
 * @throws Problem `invalid-token` when the token has not the form of an access token.
 */
export function keyIdOf(token: string): string {
  return parseToken(token).kid;
}

/**
 * The claims of an access token, once its signature and each of them are found good (RFC 9068 section 4).
 *
 * Its text is no identity: whoever has a token can write the other valid signature (r, n - s) of ECDSA in its place.
 * That is the same token, with the same `sid` and `jti`; so sessions are revoked, and anything is counted or
 * remembered, by those and never by the text or its hash.
 *
 * Claims that are not known are ignored (RFC 7519 section 4), so that `auth` can add one first. A new role is no such
 * addition: every function must know it before `auth` grants it.
 * @throws Problem `token-expired` for a token with no fault but its age, `invalid-token` for every other; nothing else.
 */
export function verifyAccessToken(token: string, { keys, issuer, audience, now }: Verification): AccessTokenClaims {
  const { kid, payload } = parseToken(token);
  const key = keys.get(kid);
  if (key === undefined) throw invalidToken();

  const claims = verifySignature(token, key);
  if (!isWrittenAs(payload, claims)) throw invalidToken();
  return checkClaims(claims, { issuer, audience, now });
}

/**
 * Splits a token and reads its header, which is not proved yet: so it may say which key, and nothing else. A header has
 * exactly `alg`, `typ` and `kid`. Other members are refused rather than ignored (RFC 7515 section 4 would ignore them):
 * ours have none, every one that could matter is a way to steer the verifier (`jwk`, `jku`, `x5u`, `x5c`, `crit`,
 * `b64`; RFC 8725 section 3.10), and a list of those would be out of date one day.
 */
function parseToken(token: string): { readonly kid: string; readonly payload: string } {
  // Bounded before anything is done with it; it is ASCII, so characters are bytes, or the next line refuses it.
  if (token.length > MAX_TOKEN_BYTES) throw invalidToken();
  const [, headerPart, payload] = COMPACT.exec(token) ?? [];
  if (headerPart === undefined || payload === undefined) throw invalidToken();

  const header = parseJson(Buffer.from(headerPart, 'base64url').toString());
  if (!isWrittenAs(headerPart, header)) throw invalidToken();
  const { alg, typ, kid, ...others } = header;
  if (alg !== ALGORITHM || typ !== TYPE || !isKeyId(kid) || Object.keys(others).length > 0) throw invalidToken();
  return { kid, payload };
}

/**
 * Whether a part is the JSON object `value` as JSON.stringify and base64url write it, which is how tokens of ours are
 * written. One comparison refuses all that parsers read in different ways: members given twice (RFC 7515 section 4,
 * RFC 7519 section 4), numbers out of range such as 1e400, bytes that are not UTF-8, a second spelling in base64url.
 */
function isWrittenAs(part: string, value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && Buffer.from(JSON.stringify(value)).toString('base64url') === part
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidToken();
  }
}

/** The payload, whatever it is, of a token that was signed with the key. */
function verifySignature(token: string, key: KeyObject): unknown {
  try {
    return jwt.verify(token, key, SIGNATURE_ONLY);
  } catch {
    // JsonWebTokenError mostly; but also the SyntaxError or TypeError of a part it could not read.
    throw invalidToken();
  }
}

function checkClaims(
  { iss, aud, sub, sid, jti, ep, roles, iat, exp, nbf }: Readonly<Record<string, unknown>>,
  { issuer, audience, now }: Omit<Verification, 'keys'>,
): AccessTokenClaims {
  if (iss !== issuer || aud !== audience) throw invalidToken();
  if (!isId(sub) || !isId(sid) || !isId(jti) || !isWholeNumber(ep) || !areRoles(roles)) throw invalidToken();

  if (!isWholeNumber(iat) || !isWholeNumber(exp) || !(nbf === undefined || isWholeNumber(nbf))) throw invalidToken();
  if (exp <= iat || exp - iat > MAX_LIFETIME_SECONDS) throw invalidToken();
  const nowSeconds = now.getTime() / 1000;
  const hasBegun = Math.max(iat, nbf ?? iat) <= nowSeconds + LEEWAY_SECONDS;
  if (!hasBegun) throw invalidToken();
  const isOver = nowSeconds >= exp + LEEWAY_SECONDS;
  if (isOver) throw tokenExpired();

  return { iss: issuer, aud: audience, sub, sid, jti, ep, roles, iat, exp };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

/** Not negative, and small enough to be exact. */
function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Each once, so there are never more than there are roles. */
function areRoles(value: unknown): value is readonly Role[] {
  return Array.isArray(value) && value.every(isRole) && new Set(value).size === value.length;
}
