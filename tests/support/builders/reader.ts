import type { GrantDocument, SessionDocument, UserDocument } from '../../../shared/db/collections.ts';
import { goodClaims } from '../tokens.ts';

const { sub, sid, ep } = goodClaims();
const NOW = new Date();
const IN_A_MONTH = new Date(NOW.getTime() + 30 * 24 * 3600 * 1000);

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

/** The session that `buildToken()` names. */
export function buildSession(overrides: Partial<SessionDocument> = {}): SessionDocument {
  return {
    _id: sid,
    userId: sub,
    deviceName: null,
    createdAt: NOW,
    lastUsedAt: NOW,
    seed: 'seed',
    generation: 0,
    rotatedAt: NOW,
    absoluteExpiresAt: IN_A_MONTH,
    expiresAt: IN_A_MONTH,
    epoch: ep,
    ...overrides,
  };
}

/** A grant without an end. */
export function buildGrant(courseId: string, overrides: Partial<GrantDocument> = {}): GrantDocument {
  const { userId = sub } = overrides;
  return { _id: `${courseId}/${userId}`, courseId, userId, expiresAt: null, createdAt: NOW, ...overrides };
}
