import prices from '../cost/prices.json' with { type: 'json' };
import assumptions from './assumptions.json' with { type: 'json' };
import type { RouteTimes, ScaleResult } from './measure.ts';
import quotas from './quotas.json' with { type: 'json' };

/** Memory that comes with one whole processor, in MB (AWS Lambda Developer Guide, "Configure function memory"). */
const MEGABYTES_PER_PROCESSOR = 1769;
const DAYS_PER_MONTH = 30;
const HOURS_PER_MONTH = 730;
const GIGABYTE = 1e9;

/** What `shared/db/client.ts` lets a container open, and what the driver may open to watch the server. */
export const POOL_SIZE = 5;
export const MONITORING_CONNECTIONS = 2;

/** What a request by route costs, as measured and assumed. */
export interface RouteLoad {
  readonly key: string;
  readonly functionName: string;
  readonly perActiveDay: number;
  /** Requests that reach the function. The stage cache answers the others. */
  readonly invocationsPerActiveDay: number;
  readonly lambdaMilliseconds: number;
  readonly databaseMilliseconds: number;
}

/** Loads of all routes that are used daily, and of the authorizer. */
export function routeLoads(result: ScaleResult): readonly RouteLoad[] {
  const cached = ['GET /courses', 'GET /courses/{courseId}', 'GET /courses/{courseId}/lessons/{lessonId}'];
  const usage: Readonly<Record<string, number>> = {
    ...assumptions.perActiveDay,
    authorizer:
      assumptions.perActiveDay['GET /courses/{courseId}/lessons/{lessonId}'] * assumptions.authorizersPerLesson,
  };
  return Object.entries(usage).map(([key, perActiveDay]) => {
    const times = timesOf(result, key);
    const { databaseMilliseconds } = times;
    const missRate = cached.includes(key) ? 1 - assumptions.cacheHitRate : 1;
    return {
      key,
      functionName: times.functionName,
      perActiveDay,
      invocationsPerActiveDay: perActiveDay * missRate,
      lambdaMilliseconds: lambdaMilliseconds(result, times),
      databaseMilliseconds,
    };
  });
}

function timesOf({ times }: ScaleResult, key: string): RouteTimes {
  const found = times.find((route) => route.key === key);
  if (found === undefined) throw new Error(`bench/scale/assumptions.json names ${key}, which is no route`);
  return found;
}

/** How long a warm invocation lasts on Lambda, which gives less memory a smaller share of a processor. */
export function lambdaMilliseconds({ memoryMegabytes, facts }: ScaleResult, route: RouteTimes): number {
  const share = Math.min(1, (memoryMegabytes[route.functionName] ?? MEGABYTES_PER_PROCESSOR) / MEGABYTES_PER_PROCESSOR);
  const waiting = Math.max(0, route.milliseconds - route.processorMilliseconds);
  const commands = facts.routes.find(({ key, what }) => key === route.key && what === route.what)?.count ?? 0;
  return route.processorMilliseconds / share + waiting + commands * assumptions.databaseMillisecondsPerCommand;
}

/** Bytes that a learner has in the database, by collection. */
export function bytesPerLearner({ facts }: ScaleResult, courses = assumptions.coursesPerLearner) {
  const size = (collection: string) => facts.sizes.find((found) => found.collection === collection)?.bytes ?? 0;
  return {
    users: size('users'),
    sessions: size('sessions') * assumptions.sessionsPerLearner,
    grants: size('grants') * assumptions.grantsPerLearner,
    feeds: size('feeds') * assumptions.feedsPerLearner,
    progress: size('progress') * courses,
  };
}

export interface Tier {
  readonly name: string;
  readonly shards: number;
  readonly connections: number;
  readonly perHour: number;
}

/** What a number of learners asks for, and what it costs. */
export interface Size {
  readonly learners: number;
  readonly requestsPerMonth: number;
  readonly busyRequestsPerSecond: number;
  readonly pushRequestsPerSecond: number;
  readonly pushConcurrency: number;
  readonly containers: number;
  readonly connections: number;
  readonly databaseGigabytes: number;
  readonly databaseProcessors: number;
  readonly tier: Tier;
  readonly demands: readonly Demand[];
  readonly costs: Readonly<Record<string, number>>;
}

/** A limit, and how much of it is asked for. */
export interface Demand {
  readonly what: string;
  readonly asked: number;
  readonly limit: number;
}

export function sizeOf(result: ScaleResult, learners: number): Size {
  const loads = routeLoads(result);
  const sum = (amount: (load: RouteLoad) => number) => loads.reduce((total, load) => total + amount(load), 0);
  const api = loads.filter(({ key }) => key !== 'authorizer');
  const requestsPerDay = api.reduce((total, { perActiveDay }) => total + perActiveDay, 0);
  const invocationsPerDay = sum(({ invocationsPerActiveDay }) => invocationsPerActiveDay);
  const mean = (part: (load: RouteLoad) => number) =>
    sum((load) => load.invocationsPerActiveDay * part(load)) / invocationsPerDay;

  const active = learners * assumptions.dailyShare;
  const { push } = assumptions;
  const busyRequestsPerSecond = (active * requestsPerDay * assumptions.busyHourShare) / 3600;
  const pushRequestsPerSecond = (learners * push.share * push.requests) / push.seconds;
  const perRequest = invocationsPerDay / requestsPerDay;
  const invocationSeconds = mean(({ lambdaMilliseconds: ms }) => ms) / 1000;
  const concurrencyAt = (requestsPerSecond: number) => requestsPerSecond * perRequest * invocationSeconds;
  // A push finds few warm containers, so each new one is busy with its start.
  const pushConcurrency = concurrencyAt(pushRequestsPerSecond);
  const busyContainers = Math.max(
    functionCount(result),
    Math.ceil(concurrencyAt(busyRequestsPerSecond) * assumptions.containersPerConcurrent),
  );
  const containers = Math.max(busyContainers, Math.ceil(pushConcurrency * assumptions.containersPerConcurrent));
  const connections = containers * (POOL_SIZE + MONITORING_CONNECTIONS);

  const perLearner = Object.values(bytesPerLearner(result)).reduce((total, bytes) => total + bytes, 0);
  const databaseGigabytes = (learners * perLearner * (1 + assumptions.indexShare)) / GIGABYTE;
  const databaseMs = mean(({ databaseMilliseconds }) => databaseMilliseconds);
  const databaseProcessors = (Math.max(busyRequestsPerSecond, pushRequestsPerSecond) * perRequest * databaseMs) / 1000;
  const tier = tierFor({ databaseGigabytes, databaseProcessors, connections });

  const mediaGigabits =
    (active * assumptions.minutesPlayedPerActiveDay * assumptions.busyHourShare * assumptions.megabitsPerSecond) /
    60 /
    1000;
  const mediaMinutesPerDay = active * assumptions.minutesPlayedPerActiveDay;
  const mailsPerDay = active * assumptions.perActiveDay['POST /auth/register'] * assumptions.mailsPerRegistration;
  // Each container of `auth` keeps two values for at most a minute, of which jitter takes an eighth on average.
  const rereads = (busyContainers * 2) / (60 * 0.875);
  const demands: readonly Demand[] = [
    [
      'requests a second of one route, in a push',
      pushRequestsPerSecond / push.requests,
      quotas.stageRequestsPerSecond.limit,
    ],
    ['requests a second of the API, in a push', pushRequestsPerSecond, quotas.gatewayRequestsPerSecond.limit],
    ['concurrent executions, in a push', pushConcurrency, quotas.concurrency.limit],
    ['new containers in 10 s, in a push', containers, quotas.newContainersPerTenSeconds.limit],
    ['first reads of parameters, within their 3 s', containers, 4 * quotas.parameterReadsPerSecond.limit],
    ['rereads of parameters a second, in the busy hour', rereads, quotas.parameterReadsPerSecond.limit],
    ['connections, if the cluster were an M10', connections, quotas.clusterConnections.limit - 10],
    ['mails a day', mailsPerDay, quotas.mailsPerDay.limit],
    [
      'media requests a second',
      (mediaMinutesPerDay * assumptions.busyHourShare * assumptions.mediaRequestsPerMinute) / 3600,
      quotas.mediaRequestsPerSecond.limit,
    ],
    ['Gbit/s of media', mediaGigabits, quotas.mediaGigabitsPerSecond.limit],
  ].map(([what, asked, limit]) => ({ what: String(what), asked: Number(asked), limit: Number(limit) }));

  const requestsPerMonth = active * requestsPerDay * DAYS_PER_MONTH;
  const perMonth = (perDay: number) => perDay * DAYS_PER_MONTH;
  const mediaGigabytes = (perMonth(mediaMinutesPerDay) * 60 * assumptions.megabitsPerSecond * 1e6) / 8 / GIGABYTE;
  const mediaRequests = perMonth(mediaMinutesPerDay) * assumptions.mediaRequestsPerMinute;
  const cluster = assumptions.clusterGigabytes[assumptions.learners.indexOf(learners)];
  const clusterPrice = prices.apiGateway.cachePerHour.find(({ gigabytes }) => gigabytes === cluster)?.price ?? 0;
  const costs = {
    'API Gateway': (requestsPerMonth / 1e6) * prices.apiGateway.restPerMillion,
    'cache cluster': clusterPrice * HOURS_PER_MONTH,
    Lambda: active * DAYS_PER_MONTH * sum((load) => load.invocationsPerActiveDay * lambdaPrice(result, load)),
    logs: ((requestsPerMonth * assumptions.logBytesPerRequest) / GIGABYTE) * prices.logs.perGigabyte,
    database: tier.perHour * tier.shards * HOURS_PER_MONTH,
    'Parameter Store': 0,
    mail: (perMonth(mailsPerDay) / 1000) * prices.ses.perThousand,
    S3:
      assumptions.mediaGigabytes * prices.s3.perGigabyteMonth +
      ((mediaRequests * assumptions.mediaMissRate) / 1e6) * prices.s3.perMillionReads,
    CloudFront:
      mediaGigabytes * prices.cloudFront.perGigabyte + (mediaRequests / 1e6) * prices.cloudFront.perMillionRequests,
  };
  const needsThroughput = demands.some(({ what, asked, limit }) => what.includes('parameters') && asked > limit);
  if (needsThroughput)
    costs['Parameter Store'] =
      ((rereads * 3600 * 24 * DAYS_PER_MONTH) / 1e6) * prices.parameterStore.higherThroughputPerMillion;

  return {
    learners,
    requestsPerMonth,
    busyRequestsPerSecond,
    pushRequestsPerSecond,
    pushConcurrency,
    containers,
    connections,
    databaseGigabytes,
    databaseProcessors,
    tier,
    demands,
    costs,
  };
}

function functionCount({ memoryMegabytes }: ScaleResult): number {
  return Object.keys(memoryMegabytes).length;
}

function lambdaPrice({ memoryMegabytes }: ScaleResult, load: RouteLoad): number {
  const gigabytes = (memoryMegabytes[load.functionName] ?? 0) / 1024;
  const seconds = Math.ceil(load.lambdaMilliseconds) / 1000;
  return prices.lambda.perMillionRequests / 1e6 + gigabytes * seconds * prices.lambda.perGigabyteSecond.arm64;
}

interface DatabaseDemand {
  readonly databaseGigabytes: number;
  readonly databaseProcessors: number;
  readonly connections: number;
}

/** The smallest tier that has what is asked for, or as many shards of the largest one as it takes. */
function tierFor({ databaseGigabytes, databaseProcessors, connections }: DatabaseDemand): Tier {
  const { activeDocuments, cacheShareOfMemory, busyProcessorShare } = assumptions;
  const fits = (tier: (typeof prices.atlas.tiers)[number], shards: number) =>
    tier.storage * shards >= databaseGigabytes &&
    tier.memory * cacheShareOfMemory * shards >= databaseGigabytes * activeDocuments &&
    tier.processors * busyProcessorShare * shards >= databaseProcessors &&
    tier.connections - 10 >= connections;
  for (let shards = 1; shards <= 64; shards += 1) {
    const tier = prices.atlas.tiers.find((candidate) => fits(candidate, shards));
    if (tier !== undefined) return { name: tier.name, shards, connections: tier.connections, perHour: tier.perHour };
  }
  throw new Error('No tier of prices.json fits');
}
