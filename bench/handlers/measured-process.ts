import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type { OperationCost, Order, Report, SeenAnswer } from './protocol.ts';

/*
 * The process that one handler runs in, alone. It is bundled, so that it starts on any Node, and given the URL of the
 * handler's bundle. Each operation is one event; events are parsed before the clock starts, as Lambda's runtime does.
 */

type Handler = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;

/**
 * Events that are parsed at once: few enough to stay young in the heap, enough that reading the clock costs nothing.
 */
const BATCH = 100;

const context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: 'bench',
  functionVersion: '1',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:bench',
  memoryLimitInMB: '512',
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  logGroupName: 'bench',
  logStreamName: 'bench',
  getRemainingTimeInMillis: () => 10_000,
} as Context;

const before = performance.now();
const { handler } = (await import(process.argv[2] ?? '')) as { handler: Handler };
send({ kind: 'imported', milliseconds: performance.now() - before });

process.on('message', async (order: Order) => {
  send(await carryOut(order));
});
// A parent that has gone has no more orders.
process.on('disconnect', () => process.exit());

async function carryOut(order: Order): Promise<Report> {
  switch (order.kind) {
    case 'answer':
      return { kind: 'answered', answers: await answersTo(order.events) };
    case 'run':
      return { kind: 'ran', cost: await costOfEach(order.events, order.milliseconds) };
    case 'memory':
      return { kind: 'memory', megabytes: process.resourceUsage().maxRSS / 1024 };
  }
}

async function answersTo(events: readonly string[]): Promise<SeenAnswer[]> {
  const answers: SeenAnswer[] = [];
  for (const event of events) {
    const { statusCode, headers, multiValueHeaders, body } = await handler(JSON.parse(event), context);
    const [, type] =
      Object.entries({ ...headers, ...multiValueHeaders }).find(([name]) => /^content-type$/i.test(name)) ?? [];
    answers.push({ status: statusCode, contentType: String(type ?? ''), body: JSON.parse(body) });
  }
  return answers;
}

async function costOfEach(events: readonly string[], milliseconds: number): Promise<OperationCost> {
  let spent = 0;
  let processor = 0;
  let operations = 0;
  while (spent < milliseconds) {
    const batch = Array.from({ length: BATCH }, (_, index) => JSON.parse(events[index % events.length] ?? ''));
    const used = process.cpuUsage();
    const start = performance.now();
    for (const event of batch) await handler(event, context);
    spent += performance.now() - start;
    const { user, system } = process.cpuUsage(used);
    processor += user + system;
    operations += BATCH;
  }
  return { microseconds: (spent / operations) * 1000, processorMicroseconds: processor / operations };
}

function send(report: Report): void {
  process.send?.(report);
}
