import { createHash, randomBytes } from 'node:crypto';
import type { PendingToken } from '../../../shared/db/collections.ts';
import type { MailedTokenPurpose, PresentedToken } from '../account/account-repository.ts';
import { invalidMailedToken } from '../refusals.ts';

/** How long such a token works, in milliseconds: a mailbox is read later than the mail that one is waiting for. */
const LIFETIME_MS: Readonly<Record<MailedTokenPurpose, number>> = {
  verify: 48 * 60 * 60 * 1000,
  reset: 60 * 60 * 1000,
};

/** The account, and 256 random bits in base64url. */
const TOKEN = /^([0-9a-f]{24})\.[\w-]{43}$/;

/** A token for a mail, and what is kept of it. */
export interface MailedToken {
  readonly token: string;
  readonly pending: PendingToken;
}

/** Makes a token that proves, when it comes back, that somebody reads the mail of an account. */
export function createMailedToken(purpose: MailedTokenPurpose, userId: string, now: Date): MailedToken {
  const token = `${userId}.${randomBytes(32).toString('base64url')}`;
  return {
    token,
    pending: { hash: hashOf(purpose, token), expiresAt: new Date(now.getTime() + LIFETIME_MS[purpose]) },
  };
}

/** @throws Problem `invalid-token` for what has not the form of such a token. */
export function readMailedToken(purpose: MailedTokenPurpose, token: string): PresentedToken {
  const userId = TOKEN.exec(token)?.[1];
  if (userId === undefined) throw invalidMailedToken();
  return { userId, hash: hashOf(purpose, token) };
}

/** Nothing slow is needed: nobody guesses 256 bits. The purpose is in it, so that no token is good for the other. */
function hashOf(purpose: MailedTokenPurpose, token: string): string {
  return createHash('sha256').update(`${purpose}:${token}`).digest('base64url');
}
