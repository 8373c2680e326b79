import type { OperationCost } from '../handlers/protocol.ts';
import { shareOf } from '../measuring/lambda.ts';
import assumptions from './assumptions.json' with { type: 'json' };
import prices from './prices.json' with { type: 'json' };

export type Architecture = keyof typeof prices.lambda.perGigabyteSecond;

const MILLION = 1_000_000;

/** What the first request of a container takes beyond a later one. */
export interface ColdStart {
  /** The init phase, which has a whole processor. */
  readonly initMilliseconds: number;
  /** Processor time of the first request. */
  readonly firstProcessorMilliseconds: number;
}

/** What an invocation is billed for. */
export interface Invocation {
  readonly cost: OperationCost;
  readonly memoryMegabytes: number;
  readonly coldStart: ColdStart;
}

/**
 * How long a warm invocation lasts on Lambda, in milliseconds: less memory is a smaller share of a processor, so what
 * is computed takes longer; what is waited for does not.
 */
export function warmMilliseconds({ cost, memoryMegabytes }: Invocation): number {
  const computing = cost.processorMicroseconds / 1000;
  const waiting = Math.max(0, cost.microseconds - cost.processorMicroseconds) / 1000;
  return computing / shareOf(memoryMegabytes) + waiting + assumptions.networkMilliseconds;
}

/** What is billed on average: whole milliseconds, and with a cold start the initialization too. */
function billedMilliseconds(invocation: Invocation): number {
  const { coldStart, cost, memoryMegabytes } = invocation;
  const warm = warmMilliseconds(invocation);
  const extraProcessor = Math.max(0, coldStart.firstProcessorMilliseconds - cost.processorMicroseconds / 1000);
  const cold = Math.ceil(coldStart.initMilliseconds + warm + extraProcessor / shareOf(memoryMegabytes));
  return (1 - assumptions.coldShare) * Math.ceil(warm) + assumptions.coldShare * cold;
}

/** Dollars for a million invocations of Lambda. */
export function lambdaPerMillion(invocation: Invocation, architecture: Architecture): number {
  const gigabyteSeconds = (invocation.memoryMegabytes / 1024) * (billedMilliseconds(invocation) / 1000);
  return prices.lambda.perMillionRequests + gigabyteSeconds * MILLION * prices.lambda.perGigabyteSecond[architecture];
}

/** Dollars for a million requests, those that the stage cache answers among them; the cluster itself is not in it. */
export function requestsPerMillion(gatewayPerMillion: number, lambda: number, hitRate: number): number {
  return gatewayPerMillion + (1 - hitRate) * lambda;
}

/** A cache cluster that API Gateway offers. */
export interface Cluster {
  readonly gigabytes: number;
  readonly perMonth: number;
}

/** The smallest first. */
export function clusters(): readonly [Cluster, ...Cluster[]] {
  const [smallest, ...others] = prices.apiGateway.cachePerHour.map(({ gigabytes, price }) => ({
    gigabytes,
    perMonth: price * assumptions.hoursPerMonth,
  }));
  if (smallest === undefined) throw new Error('prices.json has no cache cluster');
  return [smallest, ...others];
}

/** Requests a month from which on a cluster costs less than the invocations it saves. */
export function breakEvenRequests(clusterCost: number, lambda: number, hitRate: number): number {
  return (clusterCost / (hitRate * lambda)) * MILLION;
}
