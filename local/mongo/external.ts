import os from 'node:os';
import { MongoClient } from 'mongodb';
import { messageOf } from '../../tools/platform/errors.ts';
import { withoutPassword } from '../../tools/platform/mongo-uri.ts';

/** Long enough for a remote database, short enough for a mistyped address. */
const SERVER_SELECTION_TIMEOUT_MS = 3000;

/**
 * Checks that the database at a MONGODB_URI is usable: it answers and supports transactions.
 *
 * @throws Error with the address, without its password, and what is wrong.
 */
export async function checkExternalMongo(uri: string): Promise<void> {
  const response = await hello(uri).catch((error: unknown) => {
    throw new Error(`MONGODB_URI, ${withoutPassword(uri)}, cannot be used: ${messageOf(error)}`);
  });
  if (!supportsTransactions(response)) {
    throw new Error(
      `MONGODB_URI, ${withoutPassword(uri)}, is a standalone server, but transactions need a replica set. Start it with --replSet and run rs.initiate() once.`,
    );
  }
}

async function hello(uri: string): Promise<Readonly<Record<string, unknown>>> {
  const client = new MongoClient(uri, {
    runtimeAdapters: { os },
    serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
  });
  try {
    return await client.db('admin').command({ hello: 1 });
  } finally {
    await client.close();
  }
}

/** True for a member of a replica set and for the router of a sharded cluster. */
export function supportsTransactions(hello: Readonly<Record<string, unknown>>): boolean {
  return typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid';
}
