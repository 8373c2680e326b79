import type { CommandStartedEvent, Db, Document } from 'mongodb';
import { mongoClient } from '../../shared/db/client.ts';

/** What a plan did, of MongoDB's `explain` with `executionStats`. */
export interface ExecutedPlan {
  readonly stages: readonly string[];
  readonly indexes: readonly string[];
  readonly keysExamined: number;
  readonly docsExamined: number;
  readonly returned: number;
}

/** A connection string whose client tells of its commands. */
export function monitored(uri: string): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;
}

/** The commands that a piece of work sends to the database, by the driver's own monitoring. */
export async function commandsOf(work: () => Promise<unknown>): Promise<readonly Document[]> {
  const client = await mongoClient();
  const commands: Document[] = [];
  const note = ({ command }: CommandStartedEvent) => void commands.push(command);
  client.on('commandStarted', note);
  try {
    await work();
  } finally {
    client.off('commandStarted', note);
  }
  return commands;
}

/** Runs a command that was sent once more, to see how. */
export async function explain(db: Db, command: Document): Promise<ExecutedPlan> {
  const { lsid: _, $clusterTime: __, $db: ___, $readPreference: ____, ...plain } = command;
  const { queryPlanner, executionStats } = await db.command({ explain: plain, verbosity: 'executionStats' });
  const nodes = [...stagesOf(queryPlanner['winningPlan'] as Document)];
  return {
    stages: nodes.map((node) => String(node['stage'])),
    indexes: nodes.flatMap((node) => (node['indexName'] === undefined ? [] : [String(node['indexName'])])),
    keysExamined: Number(executionStats['totalKeysExamined']),
    docsExamined: Number(executionStats['totalDocsExamined']),
    returned: Number(executionStats['nReturned']),
  };
}

function* stagesOf(node: Document): Generator<Document> {
  // The slot-based engine nests the plan one level deeper.
  const plan = (node['queryPlan'] as Document | undefined) ?? node;
  yield plan;
  const children = [plan['inputStage'], ...((plan['inputStages'] as Document[] | undefined) ?? [])];
  for (const child of children) if (child !== undefined) yield* stagesOf(child as Document);
}
