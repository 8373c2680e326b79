import type { Db, Document } from 'mongodb';

/** What the database did for a command. */
export interface ExecutedPlan {
  /** From the outside in, such as `LIMIT`, `FETCH`, `IXSCAN`. */
  readonly stages: readonly string[];
  readonly index: string | null;
  readonly keysExamined: number;
  readonly docsExamined: number;
  readonly returned: number;
  /** As MongoDB counts them, in whole milliseconds, the choice of the plan included. */
  readonly milliseconds: number;
}

/** Runs a captured command once more and tells what it took. */
export async function explainCommand(db: Db, command: Document): Promise<ExecutedPlan> {
  // What the driver adds belongs to the command that was sent, and explain takes none of it.
  const { lsid: _, $clusterTime: __, $db: ___, $readPreference: ____, maxTimeMS: _____, ...plain } = command;
  const { queryPlanner, executionStats } = await db.command({ explain: plain, verbosity: 'executionStats' });
  const plan = [...stagesOf(queryPlanner.winningPlan as Document)];
  return {
    stages: plan.map((stage) => String(stage['stage'])),
    index: plan.map((stage) => stage['indexName']).find((name) => typeof name === 'string') ?? null,
    keysExamined: Number(executionStats.totalKeysExamined),
    docsExamined: Number(executionStats.totalDocsExamined),
    returned: Number(executionStats.nReturned),
    milliseconds: Number(executionStats.executionTimeMillis),
  };
}

function* stagesOf(node: Document): Generator<Document> {
  // Newer servers nest the plan once more.
  const stage = (node['queryPlan'] as Document | undefined) ?? node;
  yield stage;
  const inputs = [stage['inputStage'], ...((stage['inputStages'] as unknown[] | undefined) ?? [])];
  for (const input of inputs) if (input !== undefined) yield* stagesOf(input as Document);
}
