import os from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { type Db, MongoClient, MongoServerError } from 'mongodb';
import { COLLECTIONS, collection } from '../shared/db/collections.ts';

const SERVER_SELECTION_TIMEOUT_MS = 3000;
const RETRY_MS = 1000;

/** How long the database holds a request for changes while there are none. */
const MAX_AWAIT_MS = 60_000;

/** MongoDB's error code Unauthorized. */
const UNAUTHORIZED = 13;

/**
 * Calls back when a course may have changed, whichever program published it. The changes come from a change stream, and
 * it also calls back whenever the stream begins, since it may have missed some.
 * @param report called with a line for people if the database refuses the stream
 */
export function watchPublications(
  mongodbUri: string,
  onChange: () => void,
  report: (message: string) => void,
): { close(): Promise<void> } {
  const closing = new AbortController();
  let client: MongoClient | undefined;
  const following = followUntilClosed();

  async function followUntilClosed(): Promise<void> {
    while (!closing.signal.aborted) {
      // A new one each time: the driver closes a client for good whose first connection fails.
      client = new MongoClient(mongodbUri, {
        runtimeAdapters: { os },
        serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
      });
      try {
        await follow(client.db());
      } catch (error) {
        if (closing.signal.aborted) return;
        if (error instanceof MongoServerError && error.code === UNAUTHORIZED) {
          report(`Published courses appear when cached answers expire: ${error.message}`);
          return;
        }
        await wait(RETRY_MS, undefined, { signal: closing.signal }).catch(() => undefined);
      } finally {
        await client.close();
      }
    }
  }

  async function follow(db: Db): Promise<void> {
    const { operationTime } = await db.command({ ping: 1 });
    // For what happened before the stream begins.
    onChange();
    const changes = collection(db, COLLECTIONS.courses).watch([{ $project: { _id: 1 } }], {
      startAtOperationTime: operationTime,
      maxAwaitTimeMS: MAX_AWAIT_MS,
    });
    for await (const _ of changes) onChange();
  }

  return {
    async close() {
      closing.abort();
      await client?.close();
      await following;
    },
  };
}
