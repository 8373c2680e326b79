import type { CommandStartedEvent, Db, Document } from 'mongodb';
import { mongoClient } from '../../../shared/db/client.ts';

/** What a plan did, from MongoDB's `explain` with `executionStats`. */
export interface ExecutedPlan {
  readonly stages: readonly string[];
  readonly indexes: readonly string[];
  readonly keysExamined: number;
  readonly docsExamined: number;
  readonly returned: number;
}

/** A connection string with command monitoring. */
export function monitored(uri: string): string {
  return `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;
}

/** Records the commands that a piece of work sends to the database, by the driver's own monitoring. */
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

/**
 * Explains a recorded command by running it again. For an aggregate, it tells how each collection was read. A union is
 * explained separately: as part of the whole, MongoDB 6 counts its lookups twice.
 */
export async function explain(db: Db, command: Document): Promise<ExecutedPlan> {
  const { lsid: _, $clusterTime: __, $db: ___, $readPreference: ____, ...plain } = command;
  const stages = (plain['pipeline'] as readonly Document[] | undefined) ?? [];
  const unions = stages.flatMap(({ $unionWith }) => ($unionWith === undefined ? [] : [$unionWith as Document]));
  const own = unions.length === 0 ? plain : { ...plain, pipeline: stages.filter((stage) => !('$unionWith' in stage)) };

  const answer = await db.command({ explain: own, verbosity: 'executionStats' });
  const plans = ((answer['stages'] as Document[] | undefined) ?? [{ $cursor: answer }]).flatMap(plansOf);
  for (const { coll, pipeline } of unions) plans.push(await explain(db, { aggregate: coll, pipeline, cursor: {} }));
  const sum = (count: 'keysExamined' | 'docsExamined' | 'returned') =>
    plans.reduce((total, plan) => total + plan[count], 0);
  return {
    stages: plans.flatMap((plan) => plan.stages),
    indexes: plans.flatMap(({ indexes }) => indexes),
    keysExamined: sum('keysExamined'),
    docsExamined: sum('docsExamined'),
    returned: sum('returned'),
  };
}

/** The plans of one stage of an explained aggregate. None for a stage that reads no collection. */
function plansOf(stage: Document): ExecutedPlan[] {
  if (stage['$cursor'] !== undefined) return [planOf(stage['$cursor'])];
  if (stage['$lookup'] === undefined) return [];
  return [
    {
      stages: stage['collectionScans'] > 0 ? ['COLLSCAN'] : [],
      indexes: stage['indexesUsed'],
      keysExamined: Number(stage['totalKeysExamined']),
      docsExamined: Number(stage['totalDocsExamined']),
      // It adds to existing rows and creates none.
      returned: 0,
    },
  ];
}

function planOf({ queryPlanner, executionStats }: Document): ExecutedPlan {
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
