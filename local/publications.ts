import { setTimeout as wait } from 'node:timers/promises';
import { type Db, MongoClient, MongoServerError, Timestamp } from 'mongodb';
import { CLIENT_OPTIONS } from '../shared/db/client.ts';
import { COLLECTIONS, collection } from '../shared/db/collections.ts';

const RETRY_MS = 1000;

/** How long the database holds a request for changes while there are none. */
const MAX_AWAIT_MS = 60_000;

/** MongoDB's error code Unauthorized. */
const UNAUTHORIZED = 13;

/**
 * Calls back when a course may have changed, whichever program published it. The changes come from a change stream, and
 * it also calls back whenever the stream begins, since it may have missed some.
 * @param report called with a line for people if the database refuses the stream
 * @returns once it has called back for the first time, or the database did not answer. Then it calls back later.
 */
export async function watchPublications(
  mongodbUri: string,
  onChange: () => void,
  report: (message: string) => void,
): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController();
  let client: MongoClient | undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const following = followUntilClosed();

  async function followUntilClosed(): Promise<void> {
    while (!closing.signal.aborted) {
      // A new one each time: the driver closes a client for good whose first connection fails.
      client = new MongoClient(mongodbUri, {
        ...CLIENT_OPTIONS,
        connectTimeoutMS: CLIENT_OPTIONS.serverSelectionTimeoutMS,
      });
      try {
        await follow(client.db());
      } catch (error) {
        if (closing.signal.aborted) return;
        begin();
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
    // For what happened until then.
    onChange();
    begin();
    const changes = collection(db, COLLECTIONS.courses).watch([{ $project: { _id: 1 } }], {
      startAtOperationTime: after(operationTime),
      maxAwaitTimeMS: MAX_AWAIT_MS,
    });
    for await (const _ of changes) onChange();
  }

  await begun;
  return {
    async close() {
      closing.abort();
      await client?.close();
      await following;
    },
  };
}

/** The next time on the database's clock, which counts the operations of a second. A stream includes its start. */
function after({ t, i }: Timestamp): Timestamp {
  return new Timestamp({ t, i: i + 1 });
}
