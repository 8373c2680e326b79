import prices from '../cost/prices.json' with { type: 'json' };
import { describeMachine } from '../measuring/machine.ts';
import { rounded, whole } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import assumptions from './assumptions.json' with { type: 'json' };
import { LESSONS } from './course.ts';
import type { ScaleResult } from './measure.ts';
import {
  bytesPerLearner,
  lambdaMilliseconds,
  MONITORING_CONNECTIONS,
  POOL_SIZE,
  routeLoads,
  type Size,
  sizeOf,
} from './model.ts';
import { QUERY_OWNERS } from './query-owners.ts';
import quotas from './quotas.json' with { type: 'json' };
import { SHARD_KEYS } from './shard-keys.ts';

/** Connections that Atlas keeps for itself on each node ("Atlas Service Limits"). */
const RESERVED_CONNECTIONS = 10;
const FREE_TIER_CONNECTIONS = 500;

/** The whole of docs/scale.md. */
export function scaleDocument(result: ScaleResult): string {
  const sizes = assumptions.learners.map((learners) => sizeOf(result, learners));
  const { push } = assumptions;
  return `# How far it scales

\`npm run bench -- scale\` writes this page. To change the text, edit \`bench/scale/document.ts\`. Sizes, commands and queries are the same on every machine, and a test compares them with this page.

| Kind | Where it comes from |
| --- | --- |
| measured | sizes, commands and queries: one learner who uses every route, through the real handlers. Times: ${describeMachine(result.machine)}, with the database (${result.server}) on the same machine |
| documented | quotas: stored copies of the pages named, read on ${quotas.readOn}, except where they are marked as recalled; no account was at hand to compare. Prices: from memory, with a date and a source for each |
| assumed | how learners use it: \`bench/scale/assumptions.json\` |

## What breaks first

${breaksTable(sizes)}

The push is a notification that ${percent(push.share)} of all learners follow within ${push.seconds} s, each with ${push.requests} requests. It asks more of the API than the busiest hour of a day, which has ${percent(assumptions.busyHourShare)} of its requests.

How much of each limit is asked for; more than 100 % breaks it:

${demandsTable(sizes)}

| Limit | What to do |
| --- | --- |
| requests a second of one route | Raise the rate limit of the stage, and first the limits behind it. Until then clients get 429, which they repeat. |
| requests a second of the API | Ask for a higher throttle quota of the account. Send notifications over some minutes. |
| concurrent executions, new containers | Ask for a higher quota. Scaling by 1,000 containers in 10 s for each function is fixed: send notifications over some minutes. |
| first reads of parameters | Turn on higher throughput of Parameter Store, which is billed by call. Containers that are throttled for 3 s answer 503 and read with the next request. |
| connections | Choose a larger tier. |
| mails | Ask for a higher sending quota of SES, weeks before it is needed. |
| media | Ask for a higher quota of CloudFront. |

## What a learner stores

Bytes of BSON, measured after the journey of \`bench/scale/journey.ts\`: courses of ${LESSONS} lessons, half of them videos, each played in ten events.

${documentsTable(result)}

A learner with two sessions, and now and then a grant and a feed:

${learnerTable(result)}

Progress is nearly all of it, and most of that is digests, which make sure that no event counts twice. Their size is limited (\`MAX_PLAYED_EVENTS_BYTES\` in \`functions/progress/events/merge-stages-repository.ts\`). Published courses do not grow with learners. On disk, WiredTiger compresses documents; the sizes here count as they are, with ${percent(assumptions.indexShare)} more for indexes.

## What a request asks of the database

Commands that the driver sends, by route. A transaction ends with one command more.

${commandsTable(result)}

## Times

Medians, with the database on the same machine. \`on Lambda\` is a warm invocation: it stretches the processor time by the memory of the function and adds ${assumptions.databaseMillisecondsPerCommand} ms for each command. The database’s time includes its background work and that of asking for the time, so it is an upper bound: measure with your own cluster before you choose its size.

${timesTable(result)}

The import of a bundle is measured in [performance.md](performance.md).

## What one of each carries

${carriesTable(result)}

## Connections

A container has at most ${POOL_SIZE} connections in its pool (\`shared/db/client.ts\`), and the driver opens up to ${MONITORING_CONNECTIONS} to watch each node: one that polls, as it does on Lambda, or two that stream elsewhere. So a primary has at most *containers* × (${POOL_SIZE} + ${MONITORING_CONNECTIONS}) connections, and each secondary *containers* × ${MONITORING_CONNECTIONS}. The limit of Atlas is for each node:

${connectionsTable()}

The pool opens connections only when a request needs them. The most that a request of each function used at once:

${functionConnectionsTable(result)}

\`POST /progress/sync\` writes up to five courses at once, and the export of an account reads all its collections at once, so a container of \`progress\` or \`auth\` may come to five.

A smaller pool would hold more containers, but it is not safe: a query that hangs keeps its connection until \`socketTimeoutMS\`, and with three, a few such queries left none to check the database with, so that a function stayed unavailable although the database answered again. \`tests/integration/database-breaks.test.ts\` fails with three. Idle connections close after five minutes, before a NAT gateway ends them after 350 s.

## Parameter Store

Every container reads its secrets in one call when it starts, and keys again after at most one or five minutes. By default, an account has ${quotas.parameterReadsPerSecond.limit} calls a second.

- A throttled call is tried again after a random part of 1, 2, 4, … s, at most four times (\`shared/aws/call-aws.ts\`); the call ends after 3 s in any case, and after 1 s in the init phase. Of 200 containers that start at the same moment, at most ${4 * quotas.parameterReadsPerSecond.limit} can be answered in 3 s. With three attempts, 144 were; with five, more (\`tests/unit/shared/secrets-throttled.test.ts\`). The others answer 503, and start with the next request.
- A container that has its values keeps them while reads are throttled.
- Values are read again up to a quarter earlier than their greatest age, at random, so that containers that started together spread out. The ages that key rotations wait for stay upper bounds.
- Containers learn a new key set at an age of at most five minutes, but \`switch\` is allowed after three. With more than ${4 * quotas.parameterReadsPerSecond.limit} containers, wait five minutes between \`publish\` and \`switch\`: otherwise all those that do not know the key yet read it at the same moment.

## What to shard by

Not before one replica set is too small: a shard costs as much as the replica set did. Only the collections that grow with learners and take most writes are worth it.

${shardTable()}

\`users\` stays together because its address must be unique, which a sharded collection enforces only by its shard key, and because it is small. Sharded collections can be looked up from MongoDB 5.1 on.

Every query that the functions send, by the fields that it names (a field alone is compared for equality), where it is written, its index, and whether it goes to one shard with these keys:

${queriesTable(result)}

Queries that are not targeted ask every shard. They belong to signing in, to lists of sessions and to the end of sessions or accounts, and read a few small documents. Writes that only undo others after a race are not in the table; they name \`_id\` or \`userId\` as those do.

## A month

Dollars, by these prices: ${prices.region}, in ${prices.currency}. ${prices.note}

${costTable(sizes)}

CloudFront is nearly all of it: what learners play decides the cost, not what they ask of the API. A lower bit rate, or a contract with a committed volume, saves more than anything else on this page. The database follows, whose size the push decides.

The database is a replica set, or its shards, of this size:

${databaseTable(sizes)}

${priceTable()}

## Quotas

${quotaTable()}

CodeDeploy runs one deployment of each function at a time, whatever the number of learners.

## Assumptions

- ${percent(assumptions.dailyShare)} of all learners use it on a day. One of them plays ${assumptions.minutesPlayedPerActiveDay} minutes at ${assumptions.megabitsPerSecond} Mbit/s.
- The stage cache answers ${percent(assumptions.cacheHitRate)} of course reads. Every read of a guarded lesson asks the authorizer, whose cached decisions count for nothing here.
- There are ${assumptions.containersPerConcurrent} containers for each request that runs at the same time, since they are not shared between functions.
- A busy database keeps its processors below ${percent(assumptions.busyProcessorShare)}, and half of its memory is cache, which holds the ${percent(assumptions.activeDocuments)} of the data that is in use. Its processors are as fast as those measured.
- Lambda's processors are as fast as those measured. Cold starts are not billed here.

Requests of an active learner on a day:

${usageTable(result)}
`;
}

function percent(share: number): string {
  return `${rounded(share * 100).replace(/\.0+$/, '')} %`;
}

function breaksTable(sizes: readonly Size[]): string {
  return markdownTable(
    ['learners', 'breaks first', 'breaks too', 'requests a second, busy hour', 'in a push'],
    sizes.map(({ learners, demands, busyRequestsPerSecond, pushRequestsPerSecond }) => {
      const broken = demands
        .filter(({ asked, limit }) => asked > limit)
        .sort((one, other) => shareOf(other) - shareOf(one));
      const [first, ...others] = broken.map(({ what }) => what);
      return [
        whole(learners),
        first ?? `nothing; closest: ${closest(demands)}`,
        others.join('; ') || '–',
        rounded(busyRequestsPerSecond),
        rounded(pushRequestsPerSecond),
      ];
    }),
    { text: 3 },
  );
}

function closest(demands: Size['demands']): string {
  const [first] = [...demands].sort((one, other) => shareOf(other) - shareOf(one));
  return first === undefined ? '' : `${first.what} (${rounded(shareOf(first) * 100)} %)`;
}

function shareOf({ asked, limit }: Size['demands'][number]): number {
  return asked / limit;
}

function demandsTable(sizes: readonly Size[]): string {
  const [first] = sizes;
  return markdownTable(
    ['what', 'limit', ...sizes.map(({ learners }) => whole(learners))],
    (first?.demands ?? []).map(({ what, limit }, index) => [
      what,
      whole(limit),
      ...sizes.map(({ demands }) => {
        const demand = demands[index];
        return demand === undefined ? '' : `${rounded(demand.asked)} (${rounded(shareOf(demand) * 100)} %)`;
      }),
    ]),
  );
}

function documentsTable({ facts }: ScaleResult): string {
  return markdownTable(
    ['collection', 'documents', 'bytes each', 'largest'],
    facts.sizes.map(({ collection, documents, bytes, largestBytes }) => [
      `\`${collection}\``,
      whole(documents),
      whole(bytes),
      whole(largestBytes),
    ]),
  );
}

function learnerTable(result: ScaleResult): string {
  const courses = [1, 3, 10, 30];
  const total = (count: number) => Object.values(bytesPerLearner(result, count)).reduce((sum, bytes) => sum + bytes, 0);
  return markdownTable(
    ['courses', 'KB', ...assumptions.learners.map((learners) => `GB, ${whole(learners)} learners`)],
    courses.map((count) => [
      whole(count),
      rounded(total(count) / 1000),
      ...assumptions.learners.map((learners) => rounded((learners * total(count)) / 1e9)),
    ]),
  );
}

function commandsTable({ facts }: ScaleResult): string {
  return markdownTable(
    ['route', 'what', 'commands', 'number'],
    facts.routes.map(({ key, what, commands, count }) => [
      `\`${key}\``,
      what,
      commands.map((command) => `\`${command}\``).join(', '),
      whole(count),
    ]),
    { text: 3 },
  );
}

function timesTable(result: ScaleResult): string {
  return markdownTable(
    ['route', 'what', 'ms', 'processor ms', 'database’s processor ms', 'on Lambda'],
    result.times.map((route) => [
      `\`${route.key}\``,
      route.what,
      rounded(route.milliseconds),
      rounded(route.processorMilliseconds),
      rounded(route.databaseMilliseconds),
      rounded(lambdaMilliseconds(result, route)),
    ]),
    { text: 2 },
  );
}

function carriesTable(result: ScaleResult): string {
  const loads = routeLoads(result);
  const sum = (amount: (load: (typeof loads)[number]) => number) =>
    loads.reduce((total, load) => total + amount(load), 0);
  const invocations = sum(({ invocationsPerActiveDay }) => invocationsPerActiveDay);
  const mean = (amount: (load: (typeof loads)[number]) => number) =>
    sum((load) => load.invocationsPerActiveDay * amount(load)) / invocations;
  const milliseconds = mean(({ lambdaMilliseconds: onLambda }) => onLambda);
  const database = mean(({ databaseMilliseconds }) => databaseMilliseconds);
  const m30 = prices.atlas.tiers.find(({ name }) => name === 'M30');
  const processors = (m30?.processors ?? 0) * assumptions.busyProcessorShare;
  return markdownTable(
    ['one', 'carries', 'requests a second'],
    [
      ['container', `one request at a time, ${rounded(milliseconds)} ms each`, whole(1000 / milliseconds)],
      [
        'function',
        `${whole(quotas.concurrency.limit)} containers, the whole quota`,
        whole((quotas.concurrency.limit * 1000) / milliseconds),
      ],
      ['stage', 'each route at the rate limit of the template', whole(quotas.stageRequestsPerSecond.limit)],
      ['processor of the database', `${rounded(database)} ms each`, whole(1000 / database)],
      ['replica set of M30', `${rounded(processors)} processors in use`, whole((processors * 1000) / database)],
    ],
    { text: 2 },
  );
}

function connectionsTable(): string {
  const each = POOL_SIZE + MONITORING_CONNECTIONS;
  const rows = [{ name: 'M0', connections: FREE_TIER_CONNECTIONS }, ...prices.atlas.tiers];
  return markdownTable(
    ['tier', 'connections', 'containers'],
    rows.map(({ name, connections }) => [
      name,
      whole(connections),
      whole(Math.floor((connections - RESERVED_CONNECTIONS) / each)),
    ]),
  );
}

function functionConnectionsTable({ connections }: ScaleResult): string {
  return markdownTable(
    ['function', 'connections'],
    Object.entries(connections).map(([name, count]) => [`\`${name}\``, whole(count)]),
  );
}

function shardTable(): string {
  return markdownTable(
    ['collection', 'shard key', 'why'],
    Object.entries(SHARD_KEYS).map(([name, key]) => [
      `\`${name}\``,
      key === null
        ? 'none: stays on one shard'
        : `\`{ ${key.fields.map((field) => `${field}: 'hashed'`).join(', ')} }\``,
      key?.why ?? '',
    ]),
    { text: 3 },
  );
}

function queriesTable({ facts }: ScaleResult): string {
  return markdownTable(
    ['query', 'written in', 'index', 'one shard', 'routes'],
    facts.queries.map(({ shape, index, targeted, routes }) => [
      `\`${shape}\``,
      (QUERY_OWNERS[shape] ?? []).map((file) => `\`${file.split('/').at(-1)}\``).join(', '),
      index === '' ? '' : `\`${index}\``,
      targeted ? 'yes' : '**no**',
      whole(routes.length),
    ]),
    { text: 4 },
  );
}

function costTable(sizes: readonly Size[]): string {
  const [first] = sizes;
  const total = ({ costs }: Size) => Object.values(costs).reduce((sum, cost) => sum + cost, 0);
  return markdownTable(
    ['what', ...sizes.map(({ learners }) => `${whole(learners)} learners`)],
    [
      ...Object.keys(first?.costs ?? {}).map((what) => [what, ...sizes.map(({ costs }) => rounded(costs[what] ?? 0))]),
      ['**total**', ...sizes.map((size) => rounded(total(size)))],
      ['a learner', ...sizes.map((size) => (total(size) / size.learners).toFixed(4))],
    ],
  );
}

function databaseTable(sizes: readonly Size[]): string {
  return markdownTable(
    ['learners', 'tier', 'shards', 'GB of data', 'processors in use, in a push', 'containers', 'connections'],
    sizes.map(({ learners, tier, databaseGigabytes, databaseProcessors, containers, connections }) => [
      whole(learners),
      tier.name,
      whole(tier.shards),
      rounded(databaseGigabytes),
      rounded(databaseProcessors),
      whole(containers),
      whole(connections),
    ]),
    { text: 2 },
  );
}

function priceTable(): string {
  const { apiGateway, lambda, logs, cloudFront, s3, ses, parameterStore, atlas } = prices;
  const row = (
    what: string,
    { knownAsOf, source }: { readonly knownAsOf: string; readonly source: string },
    price: number,
  ) => [what, knownAsOf, source, `$${price}`];
  return markdownTable(
    ['what', 'as of', 'source', 'price'],
    [
      row('API Gateway REST API, a million requests', apiGateway, apiGateway.restPerMillion),
      ...apiGateway.cachePerHour
        .filter(({ gigabytes }) => assumptions.clusterGigabytes.includes(gigabytes))
        .map(({ gigabytes, price }) => row(`Cache cluster of ${gigabytes} GB, an hour`, apiGateway, price)),
      row('Lambda, a million requests', lambda, lambda.perMillionRequests),
      row('Lambda arm64, a GB-second', lambda, lambda.perGigabyteSecond.arm64),
      row('CloudWatch Logs, a GB', logs, logs.perGigabyte),
      row(
        'Parameter Store with higher throughput, a million calls',
        parameterStore,
        parameterStore.higherThroughputPerMillion,
      ),
      row('SES, a thousand mails', ses, ses.perThousand),
      row('S3, a GB for a month', s3, s3.perGigabyteMonth),
      row('S3, a million reads', s3, s3.perMillionReads),
      row('CloudFront, a GB', cloudFront, cloudFront.perGigabyte),
      row('CloudFront, a million HTTPS requests', cloudFront, cloudFront.perMillionRequests),
      ...atlas.tiers.map(({ name, perHour }) => row(`Atlas ${name}, a replica set for an hour`, atlas, perHour)),
    ],
    { text: 3 },
  );
}

function quotaTable(): string {
  const { readOn: _, ...limits } = quotas;
  return markdownTable(
    ['what', 'page', 'limit'],
    Object.values(limits).map(({ what, page, limit }) => [what, page, whole(limit)]),
    { text: 2 },
  );
}

function usageTable(result: ScaleResult): string {
  return markdownTable(
    ['route', 'requests', 'of which reach the function'],
    routeLoads(result).map(({ key, perActiveDay, invocationsPerActiveDay }) => [
      `\`${key}\``,
      rounded(perActiveDay),
      rounded(invocationsPerActiveDay),
    ]),
  );
}
