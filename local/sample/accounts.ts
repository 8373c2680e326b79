import { createHash } from 'node:crypto';
import { type Db, MongoClient } from 'mongodb';
import { hashPassword } from '../../functions/auth/password/password-hash.ts';
import type { Role } from '../../shared/auth/roles.ts';
import { CLIENT_OPTIONS } from '../../shared/db/client.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';

interface SampleAccount {
  readonly email: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** The sample accounts of this machine. example.com is reserved and receives no mail (RFC 2606 section 3). */
export const SAMPLE_ACCOUNTS: readonly SampleAccount[] = [
  { email: 'learner@example.com', name: 'Lea Learner', roles: ['learner'] },
  { email: 'author@example.com', name: 'Arthur Author', roles: ['learner', 'author'] },
  { email: 'admin@example.com', name: 'Ada Admin', roles: ['learner', 'author', 'admin'] },
];

/** The sample accounts, which share one password. */
export interface SampleAccounts {
  readonly emails: readonly string[];
  readonly password: string;
}

/** Creates the sample accounts in a local database. Never call it for another one. */
export async function loadSampleAccounts(mongodbUri: string, password: string): Promise<SampleAccounts> {
  const client = new MongoClient(mongodbUri, CLIENT_OPTIONS);
  try {
    await ensureSampleAccounts(client.db(), password);
  } finally {
    await client.close();
  }
  return { emails: SAMPLE_ACCOUNTS.map(({ email }) => email), password };
}

/**
 * Creates missing sample accounts, and sets the password of all of them, which the terminal shows. Other changes to
 * them are kept.
 */
export async function ensureSampleAccounts(db: Db, password: string, now = new Date()): Promise<void> {
  const passwordHash = await hashPassword(password);
  const writes = SAMPLE_ACCOUNTS.map(({ email, name, roles }) => ({
    updateOne: {
      filter: { emailKey: email },
      update: {
        $set: { passwordHash },
        $setOnInsert: {
          // The same on every machine, so that examples can name them.
          _id: createHash('sha256').update(email).digest('hex').slice(0, 24),
          email,
          name,
          language: 'en',
          roles,
          emailVerifiedAt: now,
          tokenEpoch: 0,
          createdAt: now,
          updatedAt: now,
          knownNetworks: [],
          pending: {},
        },
      },
      upsert: true,
    },
  }));
  await unscopedCollection(db, COLLECTIONS.users).bulkWrite(writes);
}
