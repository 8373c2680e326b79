import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { type Db, MongoClient } from 'mongodb';
import { hashPassword } from '../../functions/auth/password/password-hash.ts';
import { startSes } from '../../local/mail/ses.ts';
import { startMongo } from '../../local/mongo/server.ts';
import { CLIENT_OPTIONS } from '../../shared/db/client.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { createSigningKey } from '../../tools/keys/access-token/create-signing-key.ts';
import { secretsFor } from '../../tools/keys/local-secrets.ts';
import { withDatabase } from '../../tools/platform/mongo-uri.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { PROJECT } from '../measuring/folders.ts';
import { GUARDED_COURSES, publishGuardedCourses } from './courses.ts';
import { type AccountsEffort, LOGIN_WARM_UPS } from './effort.ts';
import { account, emailOf, OTHER_READER, PASSWORD, READER } from './people.ts';

type Variables = Readonly<Record<string, string>>;

/** A database with accounts and guarded courses, and what functions need to work with it. */
export interface Accounts {
  readonly templateFile: string;
  /** Which mongod it is. */
  readonly server: string;
  /** Settings of a function as template.yaml has them, and the secrets that it may have. */
  settingsOf(functionName: string): { readonly settings: Variables; readonly secrets: Variables };
  close(): Promise<void>;
}

/** Starts a mongod of the bench's own, for this run alone, and takes the mail that functions send. */
export async function openAccounts(effort: AccountsEffort, report: (line: string) => void): Promise<Accounts> {
  const { MONGODB_URI: _, ...env } = process.env;
  const started: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    const mongo = await startMongo({ env, report });
    started.push(mongo.stop);
    const ses = await startSes(async () => undefined);
    started.push(ses.close);

    const uri = withDatabase(mongo.uri, 'bench');
    const client = new MongoClient(uri, CLIENT_OPTIONS);
    try {
      await fill(client.db(), effort);
    } finally {
      await client.close();
    }

    const templateFile = path.join(PROJECT, 'template.yaml');
    const { functions } = readTemplate(templateFile);
    const secrets = { ...createSecrets(), MONGODB_URI: uri };
    const settingsOf = (functionName: string) => {
      const settings = functions.find(({ name }) => name === functionName)?.environment ?? {};
      return {
        settings,
        secrets: { ...secretsFor(settings, secrets), ...(functionName === 'auth' && ses.environment) },
      };
    };
    return { templateFile, server: mongo.source, settingsOf, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function createSecrets(): Variables {
  const { privateKey, publicKeys } = createSigningKey();
  const [refreshKey = '', limitKey = '', cursorKey = ''] = Array.from({ length: 3 }, () =>
    randomBytes(32).toString('base64url'),
  );
  return {
    ACCESS_TOKEN_PRIVATE_KEY: privateKey,
    ACCESS_TOKEN_PUBLIC_KEYS: publicKeys,
    REFRESH_KEY: refreshKey,
    RATE_LIMIT_KEY: limitKey,
    CURSOR_KEY: cursorKey,
  };
}

/** One hash for all accounts, made as it is for each: what it costs to check does not depend on what it is. */
async function fill(db: Db, { logins, resets }: AccountsEffort): Promise<void> {
  await migrate(db);
  await publishGuardedCourses(db);
  const passwordHash = await hashPassword(PASSWORD);
  const reader = account(READER, passwordHash);
  await unscopedCollection(db, COLLECTIONS.users).insertMany([
    reader,
    account(OTHER_READER, passwordHash),
    ...numbers(LOGIN_WARM_UPS + logins).map((number) => account(emailOf('known', 'login', number), passwordHash)),
    ...numbers(1 + resets).map((number) => account(emailOf('known', 'reset', number), passwordHash)),
  ]);
  await unscopedCollection(db, COLLECTIONS.grants).insertOne({
    _id: `${GUARDED_COURSES.granted}/${reader._id}`,
    courseId: GUARDED_COURSES.granted,
    userId: reader._id,
    expiresAt: null,
    createdAt: new Date(),
  });
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, number) => number);
}
