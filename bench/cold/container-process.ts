import type { Context } from 'aws-lambda';

/*
 * A container with one function: loads the bundle, then handles the events that it is sent. It is bundled, so that it
 * starts on any Node.
 */

/** What something took, in milliseconds. */
export interface Taken {
  readonly processor: number;
  readonly wall: number;
}

export interface Invocation extends Taken {
  /** Of an API answer. Null of any other. */
  readonly status: number | null;
}

/** First, unasked, of the init phase; then an invocation for each event. */
export type ContainerReport =
  | { readonly kind: 'initialized'; readonly taken: Taken }
  | { readonly kind: 'invoked'; readonly invocation: Invocation };

type Handler = (event: unknown, context: Context) => Promise<{ readonly statusCode?: number }>;

const sinceInit = start();
const { handler } = (await import(process.argv[2] ?? '')) as { readonly handler: Handler };
send({ kind: 'initialized', taken: sinceInit() });

process.on('message', async (event: string) => {
  const since = start();
  const { statusCode = null } = await handler(JSON.parse(event), { awsRequestId: 'bench' } as Context);
  send({ kind: 'invoked', invocation: { ...since(), status: statusCode } });
});
// A parent that has gone has no more events.
process.on('disconnect', () => process.exit());

/** Processor time is that of all threads of the process. */
function start(): () => Taken {
  const used = process.cpuUsage();
  const startedAt = performance.now();
  return () => {
    const wall = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(used);
    return { processor: (user + system) / 1000, wall };
  };
}

function send(report: ContainerReport): void {
  process.send?.(report);
}
