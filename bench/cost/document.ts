import { describeMachine } from '../measuring/machine.ts';
import { rounded, whole } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import assumptions from './assumptions.json' with { type: 'json' };
import type { CostResult, Design, RouteFigures } from './measure.ts';
import {
  breakEvenRequests,
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

/** The whole of docs/cost.md. */
export function costDocument(result: CostResult): string {
  const { machine, importMilliseconds } = result;
  const [smallest] = clusters();
  return `# What it costs

Written by \`npm run bench -- cost\`: change \`bench/cost/\` instead of this page.

In short: a request costs what API Gateway asks for it, and Lambda adds some per cent. The stage cache is there for latency and for the
database; by money alone a cluster pays for itself only in a busy month. Behind an HTTP API, which has no such cache, any function is cheaper.

## Prices

${prices.region}, in ${prices.currency}, as known in ${prices.knownAsOf}. ${prices.note} They are data: \`bench/cost/prices.json\`.

${priceTable()}

From: ${prices.sources.join('; ')}.

## What is assumed

- The prices above, and nothing else: no free tier, no data transfer, no logs, no CloudFront, no database. What the database costs depends on its
  size and not on these requests; that the cache spares it work is worth something and counts for nothing here.
- A warm invocation lasts as long as its processor time, which Lambda stretches where memory is less than ${whole(1769)} MB, the time it waits for the
  database, and ${assumptions.networkMilliseconds} ms of network to it. It is billed in whole milliseconds.
- ${assumptions.coldShare * 100} % of invocations are cold. They are billed for the import and for ${assumptions.coldExtraMilliseconds} ms more, in which secrets are read and the first connection to the
  database is made. Measured imports: this design ${rounded(importMilliseconds.lectern)} ms, Express ${rounded(importMilliseconds.express)} ms.
- Of all course reads ${Object.entries(routeShares)
    .map(([key, share]) => `${share * 100} % are \`${key}\``)
    .join(', ')}.
- These are the reads that are open to anyone. A guarded lesson costs what a preview costs, and one run of the authorizer
  for each reader and lesson, as often as API Gateway forgets what was decided: after a minute, unless the stage says otherwise.
- Processor times were measured on ${describeMachine(machine)}. Lambda's processors differ; both designs would move alike.
- The single Lambda with Express answers the same routes, with the same queries and the same memory. It is taken without
  the stage cache: behind one \`{proxy+}\` resource, cache keys cannot be declared route by route.

The numbers assumed are in \`bench/cost/assumptions.json\`.

## What was measured

${measuredTable(result)}

## A million requests

Dollars on arm64, by the share of requests that the stage cache answers. The cluster is not in it: see below.

${millionTable(result)}

Lambda's part of it, for a million invocations:

${lambdaTable(result)}

## When a cache cluster pays for itself

Requests a month, in millions, from which on the invocations saved cost more than the cluster. The smallest costs $${rounded(smallest.perMonth)} a month.

${breakEvenTable(result)}

## A month

Dollars for course reads alone; the cluster is the smallest, and answers 90 % of requests.

${monthTable(result)}
`;
}

function priceTable(): string {
  const { lambda } = prices;
  return markdownTable(
    ['what', 'price'],
    [
      ['Lambda, a million requests', `$${lambda.perMillionRequests}`],
      ...Object.entries(lambda.perGigabyteSecond).map(([name, price]) => [`Lambda ${name}, a GB-second`, `$${price}`]),
      ['API Gateway REST API, a million requests', `$${apiGateway.restPerMillion}`],
      ['API Gateway HTTP API, a million requests', `$${apiGateway.httpPerMillion}`],
      ...apiGateway.cachePerHour.map(({ gigabytes, price }) => [
        `Cache cluster of ${gigabytes} GB, an hour`,
        `$${price}`,
      ]),
    ],
  );
}

function invocation(result: CostResult, route: RouteFigures, design: Design): Invocation {
  return {
    cost: route.measured[design],
    memoryMegabytes: route.memoryMegabytes,
    importMilliseconds: result.importMilliseconds[design],
  };
}

function measuredTable(result: CostResult): string {
  return markdownTable(
    ['route', 'design', 'processor ms', 'in all ms, database on the same machine', 'warm ms on Lambda', 'MB'],
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

function millionTable(result: CostResult): string {
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

function lambdaTable(result: CostResult): string {
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
function mixedLambda(result: CostResult, design: Design): number {
  const shares: Readonly<Record<string, number>> = routeShares;
  return result.routes.reduce(
    (sum, route) => sum + (shares[route.key] ?? 0) * lambdaPerMillion(invocation(result, route, design), 'arm64'),
    0,
  );
}

function breakEvenTable(result: CostResult): string {
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

function monthTable(result: CostResult): string {
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
