import path from 'node:path';
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { CLIENT_OPTIONS } from '../shared/db/client.ts';
import { COLLECTIONS } from '../shared/db/collections.ts';
import { asDatabase } from '../shared/db/database.ts';
import { eraseOwned } from '../shared/db/ownership.ts';
import { unscopedCollection } from '../shared/db/unscoped.ts';
import { usageMessage } from '../tools/platform/errors.ts';
import { databaseUri } from '../tools/platform/mongo-uri.ts';

// `npm run erase-accounts -- <id> …`: repeats erasures that a restore of the database has undone. Learners erase their
// accounts themselves; the log of `auth` has the ids.

const USAGE = `Erases accounts and everything that belongs to them, as learners do by DELETE /auth/me.

  npm run erase-accounts -- <account id> [<account id>…]

  --help  show this text

Uses the database at MONGODB_URI, or else that of a running \`npm start\`. It is safe to repeat.
`;
const ACCOUNT_ID = /^[0-9a-f]{24}$/;

const given = parse(process.argv.slice(2));
if (typeof given === 'string') {
  console.error(`${given}\n\n${USAGE}`);
  process.exitCode = 2;
} else if (given.help) console.log(USAGE);
else await erase(given.ids);

function parse(args: readonly string[]): { readonly ids: readonly string[]; readonly help: boolean } | string {
  try {
    const options = { help: { type: 'boolean', short: 'h', default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const wrong = positionals.filter((id) => !ACCOUNT_ID.test(id));
    if (wrong.length > 0) return `Not the id of an account: ${wrong.join(', ')}.`;
    if (positionals.length === 0 && !values.help) return 'Specify at least one account.';
    return { ids: positionals, help: values.help };
  } catch (error) {
    return usageMessage(error);
  }
}

async function erase(ids: readonly string[]): Promise<void> {
  let client: MongoClient | undefined;
  try {
    client = new MongoClient(await databaseUri(path.resolve(import.meta.dirname, '../.data')), CLIENT_OPTIONS);
    const db = client.db();
    for (const id of new Set(ids)) {
      const exists = (await unscopedCollection(db, COLLECTIONS.users).countDocuments({ _id: id })) > 0;
      await client.withSession((session) => session.withTransaction(() => eraseOwned(asDatabase(db), session, id)));
      console.log(`${id}: ${exists ? 'erased' : 'no such account'}`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    await client?.close();
  }
}
