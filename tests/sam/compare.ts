import type { Answer } from '../../local/gateway/response/answer.ts';
import { answerOf } from '../../local/gateway/response/proxy-result.ts';
import { decisionOf } from '../../local/sam/decision.ts';
import { fillPlaceholders, placeholdersIn, type Values } from '../../local/sam/direct/placeholders.ts';
import { isAuthorizer } from '../../local/sam/functions.ts';
import { parseEvent, readEventText, type SampleEvent } from '../../local/sam/sample/sample-events.ts';
import { type Deviation, deviationsBetween, steady } from './deviations.ts';
import type { Occasion, Side } from './differences.ts';
import type { ClientRequest } from './exchange.ts';
import type { Ledger } from './ledger.ts';
import { nextPage, requestOf } from './sample-request.ts';
import { SIDES, type SideName, type Sides } from './sides.ts';
import type { Tally } from './tally.ts';

export interface Comparison {
  readonly sides: Sides;
  readonly ledger: Ledger;
  readonly tally: Tally;
  /** The start of the comparison. Anything older is the same on all sides. */
  readonly since: Date;
  /** Returns the values of these placeholders on one side. */
  readonly valuesOn: (side: SideName, placeholders: readonly string[]) => Promise<Values>;
}

/** A request as each side gets it, with its own tokens. */
export type RequestBySide = Readonly<Record<'gateway' | 'startApi', ClientRequest>>;

/** Longest part of a value that a deviation shows, in characters. */
const SHOWN_LENGTH = 400;

/** Sends one sample event to all three sides, and follows the pages of a list. */
export async function compareEvent(comparison: Comparison, sample: SampleEvent, occasion: Occasion): Promise<void> {
  const { sides, tally, since } = comparison;
  const { functionName } = sample;
  const name = `events/${functionName}/${sample.name}.json`;
  const events = await eventBySide(comparison, sample);
  const requests = { gateway: requestOf(parseEvent(events.gateway)), startApi: requestOf(parseEvent(events.startApi)) };

  if (isAuthorizer(sides.model, functionName)) {
    const expected = decided(decisionOf(await sides.invokeDirectly(functionName, events.gateway)), since);
    const decision = decided(decisionOf(await sides.invoke(functionName, events.invoke)), since);
    const faults = decision === expected ? [] : [`${expected} under the local gateway, ${decision} under sam`];
    tally.check(`invoke     ${name}: ${decision.split('\n')[0] === '{' ? 'a policy' : decision}`, faults);
    await compareRequests(comparison, requests, occasion, name);
  } else {
    const expected = await sides.askGateway(requests.gateway);
    const faults = await faultsOfInvocation(comparison, functionName, events.invoke, occasion, expected);
    tally.check(`invoke     ${name}: ${expected.status}`, faults);
    await compareWithStartApi(comparison, requests, occasion, expected, name);
  }
}

/** Sends one request to the local gateway and to start-api, and follows the pages of a list. */
export async function compareRequests(
  comparison: Comparison,
  requests: RequestBySide,
  occasion: Occasion,
  name = `${requests.gateway.method} ${requests.gateway.target}`,
): Promise<Readonly<Record<'gateway' | 'startApi', Answer>>> {
  const expected = await comparison.sides.askGateway(requests.gateway);
  return { gateway: expected, startApi: await compareWithStartApi(comparison, requests, occasion, expected, name) };
}

async function eventBySide({ valuesOn }: Comparison, sample: SampleEvent): Promise<Readonly<Record<SideName, string>>> {
  const text = await readEventText(sample);
  const placeholders = placeholdersIn(text);
  const events = SIDES.map(async (side) => [side, fillPlaceholders(text, await valuesOn(side, placeholders))] as const);
  return Object.fromEntries(await Promise.all(events)) as Record<SideName, string>;
}

function decided(decision: ReturnType<typeof decisionOf>, since: Date): string {
  return typeof decision === 'string' ? steady(decision, since) : `${decision.name}: ${decision.message}`;
}

async function faultsOfInvocation(
  comparison: Comparison,
  functionName: string,
  event: string,
  occasion: Occasion,
  expected: Answer,
): Promise<string[]> {
  const { sides } = comparison;
  const outcome = await sides.invoke(functionName, event);
  if (outcome.kind === 'answered') {
    const answer = answerOf(outcome.json, parseEvent(event).headers['Accept'], sides.model.binaryMediaTypes);
    return faultsOf(comparison, 'invoke', occasion, expected, answer);
  }
  // sam does not answer for a function that throws. The local gateway does, as API Gateway would.
  const isAsExpected = occasion === 'failure' && expected.status >= 500;
  return isAsExpected ? [] : [`the function failed: ${outcome.error.name}: ${outcome.error.message}`];
}

async function compareWithStartApi(
  comparison: Comparison,
  requests: RequestBySide,
  occasion: Occasion,
  expected: Answer,
  name: string,
): Promise<Answer> {
  const answer = await comparison.sides.askStartApi(requests.startApi);
  const faults = faultsOf(comparison, 'start-api', occasion, expected, answer);
  comparison.tally.check(`start-api  ${name}: ${answer.status}`, faults);
  // Not after an error: two different lists could have no end.
  const body = faults.length === 0 ? expected.body.toString() : '';
  const [gateway, startApi] = [nextPage(requests.gateway, body), nextPage(requests.startApi, body)];
  if (gateway !== null && startApi !== null) await compareRequests(comparison, { gateway, startApi }, occasion);
  return answer;
}

function faultsOf(
  { ledger, since }: Comparison,
  side: Side,
  occasion: Occasion,
  expected: Answer,
  answer: Answer,
): string[] {
  return ledger.unexplained(side, occasion, deviationsBetween(expected, answer, since)).map(described);
}

function described({ part, gateway, sam }: Deviation): string {
  return `${part}: ${shown(gateway)} under the local gateway, ${shown(sam)} under sam`;
}

function shown(value: string | null): string {
  if (value === null) return 'absent';
  const text = JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
