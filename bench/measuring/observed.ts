import type { CommandFailedEvent, CommandStartedEvent, CommandSucceededEvent } from 'mongodb';
import { mongoClient } from '../../shared/db/client.ts';

/** What a piece of work asked of the database. */
export interface DatabaseWork {
  /** Names of the commands, in the order they were sent. */
  readonly commands: readonly string[];
  /** The longest chain of commands that were each sent after another was answered. */
  readonly roundTrips: number;
}

/** Watches a piece of work by the driver's own monitoring. */
export async function observed<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly databaseWork: DatabaseWork }> {
  const client = await mongoClient();
  const commands: string[] = [];
  const depths = new Map<number, number>();
  let roundTrips = 0;

  const started = ({ commandName, requestId }: CommandStartedEvent) => {
    commands.push(commandName);
    depths.set(requestId, roundTrips + 1);
  };
  const ended = ({ requestId }: CommandSucceededEvent | CommandFailedEvent) => {
    roundTrips = Math.max(roundTrips, depths.get(requestId) ?? 0);
  };
  client.on('commandStarted', started).on('commandSucceeded', ended).on('commandFailed', ended);
  try {
    const result = await work();
    return { result, databaseWork: { commands, roundTrips } };
  } finally {
    client.off('commandStarted', started).off('commandSucceeded', ended).off('commandFailed', ended);
  }
}
