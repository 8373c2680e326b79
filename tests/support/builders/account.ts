import type { GrantDocument, SessionDocument, UserDocument } from '../../../shared/db/collections.ts';
import { goodClaims } from '../keys/access-tokens.ts';

const { sub, sid, ep } = goodClaims();
const NOW = new Date();

function daysAfter(date: Date, days: number): Date {
  return new Date(date.getTime() + days * 86_400_000);
}

/** The account that `buildToken()` names. */
export function buildUser(overrides: Partial<UserDocument> = {}): UserDocument {
  const { _id = sub } = overrides;
  return {
    _id,
    email: `${_id}@example.com`,
    emailKey: `${_id}@example.com`,
    name: 'Ada',
    language: 'en',
    roles: ['learner'],
    emailVerifiedAt: NOW,
    passwordHash: '$scrypt$ln=17,r=8,p=1$none$none',
    tokenEpoch: ep,
    createdAt: NOW,
    updatedAt: NOW,
    knownNetworks: [],
    pending: {},
    ...overrides,
  };
}

/** The session that `buildToken()` names, as it is when it starts. */
export function buildSession(overrides: Partial<SessionDocument> = {}): SessionDocument {
  const { createdAt = NOW } = overrides;
  return {
    _id: sid,
    userId: sub,
    deviceName: null,
    createdAt,
    lastUsedAt: createdAt,
    seed: 'seed',
    generation: 0,
    rotatedAt: createdAt,
    absoluteExpiresAt: daysAfter(createdAt, 180),
    expiresAt: daysAfter(createdAt, 30),
    epoch: ep,
    ...overrides,
  };
}

/** A grant without an end. */
export function buildGrant(courseId: string, overrides: Partial<GrantDocument> = {}): GrantDocument {
  const { userId = sub } = overrides;
  return { _id: `${courseId}/${userId}`, courseId, userId, expiresAt: null, createdAt: NOW, ...overrides };
}
