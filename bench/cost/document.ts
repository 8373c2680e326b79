import type { FirstAnswer } from '../cold/first-answers.ts';
import type { ColdResult } from '../cold/measure.ts';
import { describeMachine } from '../measuring/machine.ts';
import { rounded, whole } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import assumptions from './assumptions.json' with { type: 'json' };
import type { CostResult, Design, RouteFigures } from './measure.ts';
import {
  breakEvenRequests,
  type ColdStart,
  clusters,
  type Invocation,
  lambdaPerMillion,
  requestsPerMillion,
  warmMilliseconds,
} from './model.ts';
import prices from './prices.json' with { type: 'json' };

const { apiGateway } = prices;
const { hitRates, routeShares } = assumptions;
const MONTHS = [1, 10, 100, 1000] as const;

/** What a month of one design costs depends on. */
interface Figures extends CostResult {
  readonly coldStarts: Readonly<Record<Design, ColdStart>>;
}

/** The whole of docs/cost.md. */
export function costDocument(costs: CostResult, cold: ColdResult): string {
  const result = { ...costs, coldStarts: coldStartsOf(cold) };
  const { machine, coldStarts } = result;
  const [smallest] = clusters();
  return `# What it costs

\`npm run bench -- cost\` writes this page. To change the text, edit \`bench/cost/document.ts\`.

API Gateway is most of the price of a request, and Lambda adds a few percent. The stage cache saves latency and database work; measured by price alone, a cluster pays for itself only in a busy month. Behind an HTTP API, which has no such cache, any function is cheaper.

## Prices

${prices.region}, in ${prices.currency}. ${prices.note} They are data: \`bench/cost/prices.json\`.

${priceTable()}

## Assumptions

- The prices above are the only ones: no free tier, data transfer, logs, CloudFront, or database. The cost of the database depends on its size and not on these requests. What the cache saves there counts for nothing here.
- A warm invocation lasts as long as its processor time, which Lambda stretches below ${whole(1769)} MB of memory, plus the wait for the database, plus ${assumptions.networkMilliseconds} ms of network. It is billed in whole milliseconds.
- ${assumptions.coldShare * 100} % of invocations are cold. They are billed for the init phase and for the processor time of the first request, as \`npm run bench -- cold\` measures them with \`GET /courses/{courseId}\`: ${coldText(coldStarts.lectern)} in this design, ${coldText(coldStarts.express)} with Express ([performance.md](performance.md#first-answers)).
- Of all course reads, ${Object.entries(routeShares)
    .map(([key, share]) => `${share * 100} % are \`${key}\``)
    .join(', ')}.
- All of these reads are open to everyone. A guarded lesson costs as much as a preview, plus one run of the authorizer for each reader and lesson, each time its cached decision has expired: after a minute by default.
- Processor times were measured on ${describeMachine(machine)}. Lambda's processors differ, which would change both designs alike.
- A single Lambda with Express serves the same routes, with the same queries and the same memory. It has no stage cache: behind one \`{proxy+}\` resource, cache keys cannot be declared for each route.

The numbers are in \`bench/cost/assumptions.json\`.

## Measurements

${measuredTable(result)}

## A million requests

Dollars on arm64, by the share of requests that the stage cache answers. This excludes the cluster ([below](#when-a-cache-cluster-pays-for-itself)).

${millionTable(result)}

Lambda's part, for a million invocations:

${lambdaTable(result)}

## When a cache cluster pays for itself

Millions of requests a month at which the saved invocations cost as much as the cluster. The smallest cluster costs $${rounded(smallest.perMonth)} a month.

${breakEvenTable(result)}

## A month

Dollars for course reads only. The cluster is the smallest, and answers 90 % of requests.

${monthTable(result)}
`;
}

function coldText({ initMilliseconds, firstProcessorMilliseconds }: ColdStart): string {
  return `${rounded(initMilliseconds)} ms and ${rounded(firstProcessorMilliseconds)} ms`;
}

function coldStartsOf({ firstAnswers: { answers } }: ColdResult): Readonly<Record<Design, ColdStart>> {
  const of = (design: Design): ColdStart => {
    const found: FirstAnswer | undefined = answers.find(
      (answer) => answer.design === design && answer.key === 'GET /courses/{courseId}',
    );
    return {
      initMilliseconds: found?.initWall ?? Number.NaN,
      firstProcessorMilliseconds: found?.firstProcessor ?? Number.NaN,
    };
  };
  return { lectern: of('lectern'), express: of('express') };
}

function priceTable(): string {
  const { lambda } = prices;
  const from = ({ knownAsOf, source }: { readonly knownAsOf: string; readonly source: string }) => [knownAsOf, source];
  return markdownTable(
    ['what', 'as of', 'source', 'price'],
    [
      ['Lambda, a million requests', ...from(lambda), `$${lambda.perMillionRequests}`],
      ...Object.entries(lambda.perGigabyteSecond).map(([name, price]) => [
        `Lambda ${name}, a GB-second`,
        ...from(lambda),
        `$${price}`,
      ]),
      ['API Gateway REST API, a million requests', ...from(apiGateway), `$${apiGateway.restPerMillion}`],
      ['API Gateway HTTP API, a million requests', ...from(apiGateway), `$${apiGateway.httpPerMillion}`],
      ...apiGateway.cachePerHour.map(({ gigabytes, price }) => [
        `Cache cluster of ${gigabytes} GB, an hour`,
        ...from(apiGateway),
        `$${price}`,
      ]),
    ],
    { text: 3 },
  );
}

function invocation(result: Figures, route: RouteFigures, design: Design): Invocation {
  return {
    cost: route.measured[design],
    memoryMegabytes: route.memoryMegabytes,
    coldStart: result.coldStarts[design],
  };
}

function measuredTable(result: Figures): string {
  return markdownTable(
    ['route', 'design', 'processor ms', 'total ms, database on the same machine', 'warm ms on Lambda', 'MB'],
    result.routes.flatMap((route) =>
      (['lectern', 'express'] as const).map((design) => [
        `\`${route.key}\``,
        design === 'lectern' ? 'this' : 'Express',
        rounded(route.measured[design].processorMicroseconds / 1000),
        rounded(route.measured[design].microseconds / 1000),
        rounded(warmMilliseconds(invocation(result, route, design))),
        whole(route.memoryMegabytes),
      ]),
    ),
    { text: 2 },
  );
}

function millionTable(result: Figures): string {
  return markdownTable(
    [
      'route',
      ...hitRates.map((rate) => (rate === 0 ? 'no cache' : `${rate * 100} % hits`)),
      'Express, REST API',
      'Express, HTTP API',
    ],
    result.routes.map((route) => {
      const own = lambdaPerMillion(invocation(result, route, 'lectern'), 'arm64');
      const express = lambdaPerMillion(invocation(result, route, 'express'), 'arm64');
      return [
        `\`${route.key}\``,
        ...hitRates.map((rate) => rounded(requestsPerMillion(apiGateway.restPerMillion, own, rate))),
        rounded(requestsPerMillion(apiGateway.restPerMillion, express, 0)),
        rounded(requestsPerMillion(apiGateway.httpPerMillion, express, 0)),
      ];
    }),
  );
}

function lambdaTable(result: Figures): string {
  return markdownTable(
    ['route', 'arm64', 'x86_64', 'Express, arm64', 'Express, x86_64'],
    result.routes.map((route) => [
      `\`${route.key}\``,
      ...(['lectern', 'express'] as const).flatMap((design) =>
        (['arm64', 'x86_64'] as const).map((architecture) =>
          lambdaPerMillion(invocation(result, route, design), architecture).toFixed(3),
        ),
      ),
    ]),
  );
}

/** Lambda's cost of a million course reads of all kinds, in the shares assumed. */
function mixedLambda(result: Figures, design: Design): number {
  const shares: Readonly<Record<string, number>> = routeShares;
  return result.routes.reduce(
    (sum, route) => sum + (shares[route.key] ?? 0) * lambdaPerMillion(invocation(result, route, design), 'arm64'),
    0,
  );
}

function breakEvenTable(result: Figures): string {
  const lambda = mixedLambda(result, 'lectern');
  const rates = hitRates.filter((rate) => rate > 0);
  return markdownTable(
    ['cluster, GB', '$ a month', ...rates.map((rate) => `${rate * 100} % hits`)],
    clusters().map(({ gigabytes, perMonth }) => [
      String(gigabytes),
      rounded(perMonth),
      ...rates.map((rate) => whole(breakEvenRequests(perMonth, lambda, rate) / 1e6)),
    ]),
  );
}

function monthTable(result: Figures): string {
  const own = mixedLambda(result, 'lectern');
  const express = mixedLambda(result, 'express');
  const [smallest] = clusters();
  const rest = (lambda: number, rate: number) => requestsPerMillion(apiGateway.restPerMillion, lambda, rate);
  return markdownTable(
    ['million requests', 'this, no cache', 'this, cache cluster', 'Express, REST API', 'Express, HTTP API'],
    MONTHS.map((millions) => [
      whole(millions),
      rounded(millions * rest(own, 0)),
      rounded(millions * rest(own, 0.9) + smallest.perMonth),
      rounded(millions * rest(express, 0)),
      rounded(millions * requestsPerMillion(apiGateway.httpPerMillion, express, 0)),
    ]),
  );
}
