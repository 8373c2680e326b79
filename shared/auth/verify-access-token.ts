import type { KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { invalidToken, tokenExpired } from './challenges.ts';
import { isKeyId, type PublicKeys } from './key-set.ts';
import { isRole, type Role } from './roles.ts';

/** Longest access token, in bytes. API Gateway accepts 10 KB of headers in total ("Amazon API Gateway quotas"). */
const MAX_TOKEN_BYTES = 4096;

/**
 * Longest accepted lifetime of an access token, in seconds: short, because a signed token cannot be recalled (RFC 6750
 * section 5.3 recommends "one hour or less"). Twice the lifetime that `auth` issues, so that a change of that needs no
 * function but `auth` (docs/operations/settings.md, "Lifetime of access tokens").
 */
export const MAX_ACCEPTED_LIFETIME_SECONDS = 1800;

/** Allowed difference between two clocks, in seconds (RFC 7519 section 4.1.4: "no more than a few minutes"). */
export const LEEWAY_SECONDS = 30;

/** The only accepted algorithm (RFC 8725 section 3.1). */
export const ALGORITHM = 'ES256';

/** The type that tells access tokens from other JWTs (RFC 8725 section 3.11, RFC 9068 section 2.1). */
export const TYPE = 'at+jwt';

/**
 * The compact form (RFC 7515 section 7.1): three parts of base64url without padding. The last holds the 64 bytes of an
 * ES256 signature (RFC 7518 section 3.4), without stray bits that would allow several spellings.
 */
const COMPACT = /^([\w-]+)\.([\w-]+)\.[\w-]{85}[AQgw]$/;

/** Our ids are hex, base64url or UUIDs, so they need no escaping in a log, a key or a query. */
const ID = /^[\w-]{1,64}$/;

/**
 * Only the cryptography. `jsonwebtoken` is more lenient about times than we are, and would call a token expired that
 * has other errors too.
 */
const SIGNATURE_ONLY: jwt.VerifyOptions = { algorithms: [ALGORITHM], ignoreExpiration: true, ignoreNotBefore: true };

/**
 * The claims of an access token: RFC 9068 section 2.2 without `client_id`, since there are no OAuth clients here, plus
 * `sid` and `ep`.
 */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly aud: string;
  /** The account. */
  readonly sub: string;
  /** The session that the token was issued in. Revocation goes by it. */
  readonly sid: string;
  /** The token's id. A copy with another spelling of the signature has the same one. */
  readonly jti: string;
  /** The account's token epoch. Raising it ends all of the account's sessions at once. */
  readonly ep: number;
  readonly roles: readonly Role[];
  /** Seconds since 1970, like `exp`. */
  readonly iat: number;
  readonly exp: number;
}

/** The terms of a verification. */
export interface Verification {
  readonly keys: PublicKeys;
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
}

/**
 * Returns the id of the key that a token claims to be signed with. Nothing is verified yet.
 * @throws Problem `invalid-token` if the token does not have the form of an access token.
 */
export function keyIdOf(token: string): string {
  return parseToken(token).kid;
}

/**
 * Verifies an access token and returns its claims: the signature first, then each claim (RFC 9068 section 4).
 *
 * The text of a token does not identify it: anyone who has a token can replace its ECDSA signature with the other valid
 * one, (r, n - s). It is still the same token, with the same `sid` and `jti`. So go by those to revoke, count or
 * remember tokens, never by the text or its hash.
 *
 * Unknown claims are ignored (RFC 7519 section 4), so that `auth` can add one first. A new role is different: every
 * function must know it before `auth` grants it.
 * @throws Problem `token-expired` for a token whose only fault is its age or its lifetime, so that the client renews
 * it; `invalid-token` for every other. Nothing else.
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
 * Splits a token and reads its header. The header is not verified yet, so it only selects the key. It must have exactly
 * `alg`, `typ` and `kid`. RFC 7515 section 4 would ignore other members; here they are refused, because ours have none,
 * those that matter steer the verifier (`jwk`, `jku`, `x5u`, `x5c`, `crit`, `b64`; RFC 8725 section 3.10), and a list
 * of them would go out of date.
 */
function parseToken(token: string): { readonly kid: string; readonly payload: string } {
  // Checked before anything else. A token is ASCII, or the next line refuses it, so characters are bytes.
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
 * Tells whether a part is the JSON object `value` exactly as JSON.stringify and base64url write it, as our tokens are
 * written. This one comparison refuses everything that parsers read differently: repeated members (RFC 7515 section 4,
 * RFC 7519 section 4), numbers out of range such as 1e400, invalid UTF-8, other spellings in base64url.
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

/** Returns the payload, whatever it is, of a token that the key signed. */
function verifySignature(token: string, key: KeyObject): unknown {
  try {
    return jwt.verify(token, key, SIGNATURE_ONLY);
  } catch {
    // Mostly JsonWebTokenError, but also SyntaxError or TypeError for parts that it cannot read.
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
  if (exp <= iat) throw invalidToken();
  const nowSeconds = now.getTime() / 1000;
  const hasBegun = Math.max(iat, nbf ?? iat) <= nowSeconds + LEEWAY_SECONDS;
  if (!hasBegun) throw invalidToken();
  const isOver = nowSeconds >= exp + LEEWAY_SECONDS;
  if (isOver || exp - iat > MAX_ACCEPTED_LIFETIME_SECONDS) throw tokenExpired();

  return { iss: issuer, aud: audience, sub, sid, jti, ep, roles, iat, exp };
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value);
}

/** Neither negative nor too large to be exact. */
function isWholeNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** No role is repeated, so there are never more than there are roles. */
function areRoles(value: unknown): value is readonly Role[] {
  return Array.isArray(value) && value.every(isRole) && new Set(value).size === value.length;
}
