import { timingSafeEqual } from 'node:crypto';
import type { SessionDocument } from '../../../shared/db/collections.ts';
import { type Problem, problem } from '../../../shared/http/problem.ts';
import { keyedMac } from '../../../shared/keyed-mac.ts';

/** A refresh token as presented. Unverified until {@link isAuthentic} confirms it. */
export interface PresentedToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly mac: Buffer;
}

/** `<session id>.<generation in base 36>.<mac>`, each with a single valid spelling. */
const FORM = /^([\w-]{22})\.(0|[1-9a-z][0-9a-z]{0,7})\.([\w-]{42}[AEIMQUYcgkosw048])$/;

/**
 * Derives the refresh token of one generation of a session. Key, seed and generation determine it, so it is never
 * stored and can be derived again.
 */
export function refreshToken(key: string, session: Pick<SessionDocument, '_id' | 'seed'>, generation: number): string {
  const mac = macOf(key, session, generation).toString('base64url');
  return `${session._id}.${generation.toString(36)}.${mac}`;
}

/** @throws Problem `invalid-token` if the text does not have the form of a refresh token. */
export function parseRefreshToken(text: string): PresentedToken {
  const [, sessionId, generation, mac] = FORM.exec(text) ?? [];
  if (sessionId === undefined || generation === undefined || mac === undefined) throw invalidRefreshToken();
  return { sessionId, generation: Number.parseInt(generation, 36), mac: Buffer.from(mac, 'base64url') };
}

/** Tells whether we issued the token for this session and generation. A guessed token must have no effect at all. */
export function isAuthentic(key: string, session: Pick<SessionDocument, '_id' | 'seed'>, presented: PresentedToken) {
  return timingSafeEqual(presented.mac, macOf(key, session, presented.generation));
}

function macOf(key: string, { _id, seed }: Pick<SessionDocument, '_id' | 'seed'>, generation: number): Buffer {
  return keyedMac(key, 'refresh', ['refresh', _id, String(generation), seed]);
}

/** The answer to every refresh token that is refused, whatever the reason. */
export function invalidRefreshToken(): Problem {
  return problem('invalid-token', {
    detail: 'The refresh token is not valid.',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });
}
