import { randomBytes } from 'node:crypto';
import type { UserDocument } from '../../shared/db/collections.ts';

/** What every account of the bench signs in with. */
export const PASSWORD = 'seven swans a-swimming';

/** Who reads lessons, and somebody else who does. */
export const READER = 'reader@example.com';
export const OTHER_READER = 'other.reader@example.com';

/** Whether there is an account of an address. */
export type Kind = 'known' | 'unknown';

/** What an address is tried for. */
type Purpose = 'login' | 'reset';

/** Another address for each try, since a limit would answer the second one in place of what is measured. */
export function emailOf(kind: Kind, purpose: Purpose, number: number): string {
  // Of one length, so that not even that differs.
  return `${kind === 'known' ? 'present' : 'missing'}.${purpose}.${number}@example.com`;
}

/** An account that has never signed in. */
export function account(email: string, passwordHash: string): UserDocument {
  const now = new Date();
  return {
    _id: randomBytes(12).toString('hex'),
    email,
    emailKey: email,
    name: 'Ada Moore',
    language: 'en',
    roles: ['learner'],
    emailVerifiedAt: now,
    passwordHash,
    tokenEpoch: 0,
    createdAt: now,
    updatedAt: now,
    knownNetworks: [],
    pending: {},
  };
}

let networks = 0;

/** An address that no request came from before, of those set aside for benchmarks (RFC 2544 appendix C.2.2). */
export function freshNetwork(): string {
  networks += 1;
  return `198.18.${networks >> 8}.${networks & 255}`;
}
