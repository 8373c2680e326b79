import { isObject, jsonOf } from '../platform/http.ts';
import type { SignedOutReason } from './signed-out.ts';
import { isTokens, isUser, type Tokens, type User } from './tokens.ts';

/** A learner with the tokens of their session. Replaced only as a whole, so that they always belong together. */
export interface Account extends Tokens {
  readonly user: User;
  /** When the tokens were requested, by the device's clock. */
  readonly requestedAt: number;
  /**
   * Names the request that will use the refresh token. It is stored with the token, so that any later run of the app sends
   * the same: the server then recognizes a retry, however late.
   */
  readonly attemptId: string;
}

/** All that a device stores about sessions, as one text. */
export interface StoredSession {
  readonly deviceId: string;
  readonly account: Account | null;
  /** Why the last session ended. */
  readonly ended?: SignedOutReason;
  /** The registration that has had no answer yet. Never with its password. */
  readonly registration?: { readonly email: string; readonly attemptId: string };
}

const VERSION = 1;

/** @param unique distinguishes this text from earlier ones with the same content */
export function serialize(stored: StoredSession, unique: number): string {
  return JSON.stringify({ ...stored, version: VERSION, unique });
}

/** Returns null for a text that this version did not write: cut off, empty, or of another version. */
export function parse(text: string): StoredSession | null {
  const value = jsonOf(text);
  return isStoredSession(value) ? value : null;
}

function isStoredSession(value: unknown): value is StoredSession {
  return (
    isObject(value) &&
    value['version'] === VERSION &&
    typeof value['deviceId'] === 'string' &&
    (value['account'] === null || isAccount(value['account']))
  );
}

function isAccount(value: unknown): boolean {
  return isTokens(value) && isUser(value['user']) && typeof value['attemptId'] === 'string';
}
