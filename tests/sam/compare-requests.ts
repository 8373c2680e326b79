import type { Answer } from '../../local/gateway/response/answer.ts';
import { parseProxyResult } from '../../local/gateway/response/proxy-result.ts';
import { authorizerDecision } from '../../local/sam/authorizer-decision.ts';
import { fillPlaceholders, type PlaceholderValues, placeholdersIn } from '../../local/sam/sample/placeholders.ts';
import { parseEvent, readEventText, type SampleEvent } from '../../local/sam/sample/sample-events.ts';
import { isAuthorizer } from '../../tools/template/model.ts';
import type { DifferenceFilter } from './differences/difference-filter.ts';
import { type Difference, differencesBetween, normalize } from './differences/differences.ts';
import type { Scenario, Side } from './differences/known-differences.ts';
import { nextPage, requestOf } from './sample-request.ts';
import type { ClientRequest } from './sides/exchange.ts';
import { SIDES, type SideName, type Sides } from './sides/sides.ts';
import type { Tally } from './tally.ts';

export interface Comparison {
  readonly sides: Sides;
  readonly filter: DifferenceFilter;
  readonly tally: Tally;
  /** The start of the comparison. Earlier timestamps are the same on all sides. */
  readonly since: Date;
  /** Returns the values of these placeholders on one side. */
  readonly placeholderValues: (side: SideName, placeholders: readonly string[]) => Promise<PlaceholderValues>;
}

/** The same request for both sides, each with its own tokens. */
export type RequestBySide = Readonly<Record<'gateway' | 'startApi', ClientRequest>>;

/** Longest value in a message, in characters. */
const MAX_QUOTED_LENGTH = 400;

/** Sends one sample event to all three sides, and follows the pages of a list. */
export async function compareEvent(comparison: Comparison, sample: SampleEvent, scenario: Scenario): Promise<void> {
  const { sides, tally, since } = comparison;
  const { functionName } = sample;
  const name = `events/${functionName}/${sample.name}.json`;
  const events = await eventBySide(comparison, sample);
  const requests = { gateway: requestOf(parseEvent(events.gateway)), startApi: requestOf(parseEvent(events.startApi)) };

  if (isAuthorizer(sides.model, functionName)) {
    const expected = normalizedDecision(
      authorizerDecision(await sides.invokeWithoutDocker(functionName, events.gateway)),
      since,
    );
    const decision = normalizedDecision(authorizerDecision(await sides.invoke(functionName, events.invoke)), since);
    const errors = decision === expected ? [] : [`${expected} under the local gateway, ${decision} under sam`];
    tally.check(`invoke     ${name}: ${decision.split('\n')[0] === '{' ? 'a policy' : decision}`, errors);
    await compareRequests(comparison, requests, scenario, name);
  } else {
    const expected = await sides.sendToGateway(requests.gateway);
    const errors = await invocationErrors(comparison, functionName, events.invoke, scenario, expected);
    tally.check(`invoke     ${name}: ${expected.status}`, errors);
    await compareWithStartApi(comparison, requests, scenario, expected, name);
  }
}

/** Sends one request to the local gateway and to start-api, and follows the pages of a list. */
export async function compareRequests(
  comparison: Comparison,
  requests: RequestBySide,
  scenario: Scenario,
  name = `${requests.gateway.method} ${requests.gateway.target}`,
): Promise<Readonly<Record<'gateway' | 'startApi', Answer>>> {
  const expected = await comparison.sides.sendToGateway(requests.gateway);
  return { gateway: expected, startApi: await compareWithStartApi(comparison, requests, scenario, expected, name) };
}

async function eventBySide(
  { placeholderValues }: Comparison,
  sample: SampleEvent,
): Promise<Readonly<Record<SideName, string>>> {
  const text = await readEventText(sample);
  const placeholders = placeholdersIn(text);
  const events = SIDES.map(
    async (side) => [side, fillPlaceholders(text, await placeholderValues(side, placeholders))] as const,
  );
  return Object.fromEntries(await Promise.all(events)) as Record<SideName, string>;
}

function normalizedDecision(decision: ReturnType<typeof authorizerDecision>, since: Date): string {
  return typeof decision === 'string' ? normalize(decision, since) : `${decision.name}: ${decision.message}`;
}

async function invocationErrors(
  comparison: Comparison,
  functionName: string,
  event: string,
  scenario: Scenario,
  expected: Answer,
): Promise<string[]> {
  const { sides } = comparison;
  const outcome = await sides.invoke(functionName, event);
  if (outcome.kind === 'answered') {
    const { httpMethod, headers } = parseEvent(event);
    const answer = parseProxyResult(outcome.json, headers['Accept'], sides.model.binaryMediaTypes);
    // A function returns a body for HEAD too. A gateway leaves it out.
    const received = httpMethod === 'HEAD' ? { ...answer, body: Buffer.alloc(0) } : answer;
    return unexpectedDifferences(comparison, 'invoke', scenario, expected, received);
  }
  // sam has no answer for a function that throws. The local gateway and API Gateway do.
  const isAsExpected = scenario === 'failure' && expected.status >= 500;
  return isAsExpected ? [] : [`the function failed: ${outcome.error.name}: ${outcome.error.message}`];
}

async function compareWithStartApi(
  comparison: Comparison,
  requests: RequestBySide,
  scenario: Scenario,
  expected: Answer,
  name: string,
): Promise<Answer> {
  const answer = await comparison.sides.sendToStartApi(requests.startApi);
  const errors = unexpectedDifferences(comparison, 'start-api', scenario, expected, answer);
  comparison.tally.check(`start-api  ${name}: ${answer.status}`, errors);
  // Not after an error: two different lists might never end.
  const body = errors.length === 0 ? expected.body.toString() : '';
  const [gateway, startApi] = [nextPage(requests.gateway, body), nextPage(requests.startApi, body)];
  if (gateway !== null && startApi !== null) await compareRequests(comparison, { gateway, startApi }, scenario);
  return answer;
}

function unexpectedDifferences(
  { filter, since }: Comparison,
  side: Side,
  scenario: Scenario,
  expected: Answer,
  answer: Answer,
): string[] {
  return filter.unexpected(side, scenario, differencesBetween(expected, answer, since)).map(formatDifference);
}

function formatDifference({ part, gateway, sam }: Difference): string {
  return `${part}: ${quoted(gateway)} under the local gateway, ${quoted(sam)} under sam`;
}

function quoted(value: string | null): string {
  if (value === null) return 'absent';
  const text = JSON.stringify(value);
  return text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text;
}
