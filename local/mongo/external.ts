import os from 'node:os';
import { MongoClient } from 'mongodb';
import { messageOf } from '../../tools/platform/errors.ts';
import { withoutPassword } from '../../tools/platform/mongo-uri.ts';

/** Long enough for a remote database, short enough for a mistyped address. */
const ANSWER_MS = 3000;

/**
 * Checks that the database at a MONGODB_URI is usable: it answers and supports transactions.
 *
 * @throws Error with the address, without its password, and what is wrong.
 */
export async function checkExternalMongo(uri: string): Promise<void> {
  const hello = await greet(uri).catch((error: unknown) => {
    throw new Error(`MONGODB_URI, ${withoutPassword(uri)}, cannot be used: ${messageOf(error)}`);
  });
  if (!hasTransactions(hello)) {
    throw new Error(
      `MONGODB_URI, ${withoutPassword(uri)}, is a lone server: transactions need a replica set. Start it with --replSet and run rs.initiate() once.`,
    );
  }
}

async function greet(uri: string): Promise<Readonly<Record<string, unknown>>> {
  const client = new MongoClient(uri, { runtimeAdapters: { os }, serverSelectionTimeoutMS: ANSWER_MS });
  try {
    return await client.db('admin').command({ hello: 1 });
  } finally {
    await client.close();
  }
}

/** True for a member of a replica set and for the router of a sharded cluster. */
export function hasTransactions(hello: Readonly<Record<string, unknown>>): boolean {
  return typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid';
}
