import { createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { Learner } from './record-position.ts';
import { Refusal } from './refusal.ts';

/*
 * What every handler but Lectern's own verifies of a token, by jsonwebtoken: the signature, with ES256 pinned and the
 * key as a KeyObject; `exp`, `iss` and `aud`; then that `sub`, `sid` and `roles` are there and `roles` has `learner`.
 * Lectern's own verification checks all of that and more (shared/auth/verify-access-token.ts). The claims that both
 * give are part of the answer, and so compared.
 */

// Read and parsed when the module is loaded: a key parsed for each request would slow every peer down.
const [jwk] = (JSON.parse(process.env['ACCESS_TOKEN_PUBLIC_KEYS'] ?? '') as { keys: JsonWebKeyInput['key'][] }).keys;
const publicKey = createPublicKey({ key: jwk ?? {}, format: 'jwk' });
const terms: jwt.VerifyOptions & { complete?: false } = {
  algorithms: ['ES256'],
  issuer: process.env['TOKEN_ISSUER'] ?? '',
  audience: process.env['TOKEN_AUDIENCE'] ?? '',
};

/**
 * Who sent a request with this Authorization header.
 * @throws Refusal `missing-token` or `invalid-token`.
 */
export function learnerOf(authorization: string | undefined): Learner {
  if (authorization === undefined) throw new Refusal('missing-token');
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (token === undefined) throw new Refusal('invalid-token');
  const { sub, sid, roles } = verifiedClaims(token);
  if (typeof sub !== 'string' || typeof sid !== 'string' || !areTexts(roles) || !roles.includes('learner')) {
    throw new Refusal('invalid-token');
  }
  return { userId: sub, sessionId: sid, roles };
}

function verifiedClaims(token: string): jwt.JwtPayload {
  try {
    const claims = jwt.verify(token, publicKey, terms);
    return typeof claims === 'string' ? {} : claims;
  } catch {
    throw new Refusal('invalid-token');
  }
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
