import { createHash, randomBytes } from 'node:crypto';
import type { PendingToken } from '../../../shared/db/collections.ts';
import { type Problem, problem } from '../../../shared/http/problem.ts';
import type { MailedTokenPurpose, PresentedToken } from '../user/account-repository.ts';

/** Lifetime of a token, in milliseconds. Learners wait for a reset mail; they read a verification mail later. */
const LIFETIME_MS: Readonly<Record<MailedTokenPurpose, number>> = {
  verify: 48 * 60 * 60 * 1000,
  reset: 60 * 60 * 1000,
};

/** The account, and 256 random bits in base64url. */
const TOKEN = /^([0-9a-f]{24})\.[\w-]{43}$/;

/** A token for a mail, and its stored form. */
export interface MailedToken {
  readonly token: string;
  readonly pending: PendingToken;
}

/** Creates a token that proves, when it comes back, that its sender reads the mail of an account. */
export function createMailedToken(purpose: MailedTokenPurpose, userId: string, now: Date): MailedToken {
  const token = `${userId}.${randomBytes(32).toString('base64url')}`;
  return {
    token,
    pending: { hash: hashOf(purpose, token), expiresAt: new Date(now.getTime() + LIFETIME_MS[purpose]) },
  };
}

/** @throws Problem `invalid-token` if the text does not have the form of a mailed token. */
export function readMailedToken(purpose: MailedTokenPurpose, token: string): PresentedToken {
  const userId = TOKEN.exec(token)?.[1];
  if (userId === undefined) throw invalidMailedToken();
  return { userId, hash: hashOf(purpose, token) };
}

/** A fast hash is enough, because nobody guesses 256 bits. It includes the purpose, so a token works for only one. */
function hashOf(purpose: MailedTokenPurpose, token: string): string {
  return createHash('sha256').update(`${purpose}:${token}`).digest('base64url');
}

/**
 * The answer to every invalid mailed token. It does not reveal whether the token is used, replaced, expired or made up.
 */
export function invalidMailedToken(): Problem {
  return problem('invalid-token', {
    detail: 'The link is no longer valid. Ask for a new one.',
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });
}
