import type { SessionDocument, UserDocument } from '../../../shared/db/collections.ts';

/** When the accounts and sessions of tests begin. */
export const BEGIN = new Date('2026-11-02T09:30:00.000Z');

export function buildUser(differences: Partial<UserDocument> = {}): UserDocument {
  return {
    _id: '65f1c0ffee65f1c0ffee65f1',
    email: 'ada@example.com',
    emailKey: 'ada@example.com',
    name: 'Ada',
    language: 'en',
    roles: ['learner'],
    emailVerifiedAt: null,
    passwordHash: 'none',
    tokenEpoch: 0,
    createdAt: BEGIN,
    updatedAt: BEGIN,
    knownNetworks: [],
    pending: {},
    ...differences,
  };
}

export function buildSession(differences: Partial<SessionDocument> = {}): SessionDocument {
  return {
    _id: 'Zm9yIGV4YW1wbGUgb25seQ',
    userId: '65f1c0ffee65f1c0ffee65f1',
    deviceName: null,
    createdAt: BEGIN,
    lastUsedAt: BEGIN,
    seed: 'a-seed',
    generation: 0,
    rotatedAt: BEGIN,
    absoluteExpiresAt: new Date('2027-05-01T09:30:00.000Z'),
    expiresAt: new Date('2026-12-02T09:30:00.000Z'),
    epoch: 0,
    ...differences,
  };
}
