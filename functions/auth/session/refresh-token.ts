import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SessionDocument } from '../../../shared/db/collections.ts';
import { invalidRefreshToken } from '../refusals.ts';

/** What a refresh token says. Nothing of it is proved before {@link isAuthentic} says so. */
export interface PresentedToken {
  readonly sessionId: string;
  readonly generation: number;
  readonly mac: Buffer;
}

/** `<session id>.<generation in base 36>.<mac>`, each in its one spelling. */
const FORM = /^([\w-]{22})\.(0|[1-9a-z][0-9a-z]{0,7})\.([\w-]{42}[AEIMQUYcgkosw048])$/;

/** Shortest key taken, in characters: 32 of base64 are 192 bits. */
const MIN_KEY_LENGTH = 32;

/**
 * The refresh token of a generation of a session. It follows from key, seed and generation, so it is never stored and
 * comes out the same when it is asked for again.
 */
export function refreshToken(key: string, session: Pick<SessionDocument, '_id' | 'seed'>, generation: number): string {
  const mac = macOf(key, session, generation).toString('base64url');
  return `${session._id}.${generation.toString(36)}.${mac}`;
}

/** @throws Problem `invalid-token` for what has not the form of a refresh token. */
export function parseRefreshToken(text: string): PresentedToken {
  const [, sessionId, generation, mac] = FORM.exec(text) ?? [];
  if (sessionId === undefined || generation === undefined || mac === undefined) throw invalidRefreshToken();
  return { sessionId, generation: Number.parseInt(generation, 36), mac: Buffer.from(mac, 'base64url') };
}

/** Whether a token of this session and generation was ever made: a guess was not, and must have no effect at all. */
export function isAuthentic(key: string, session: Pick<SessionDocument, '_id' | 'seed'>, presented: PresentedToken) {
  return timingSafeEqual(presented.mac, macOf(key, session, presented.generation));
}

function macOf(key: string, { _id, seed }: Pick<SessionDocument, '_id' | 'seed'>, generation: number): Buffer {
  if (key.length < MIN_KEY_LENGTH) throw new Error(`The refresh key is shorter than ${MIN_KEY_LENGTH} characters`);
  return createHmac('sha256', key).update(`refresh\0${_id}\0${generation}\0${seed}`).digest();
}
