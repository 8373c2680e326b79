import type { Answer } from '../../gateway/answer.ts';
import type { FunctionError } from '../../gateway/execution-environment.ts';
import { readEvent, type SampleEvent } from '../sample-events.ts';
import { type Deviation, deviationsBetween } from './deviations.ts';
import type { Occasion, Side } from './differences.ts';
import type { ClientRequest } from './exchange.ts';
import type { Ledger } from './ledger.ts';
import { nextPage, requestOf } from './sample-request.ts';
import type { Sides } from './sides.ts';
import type { Tally } from './tally.ts';

export interface Comparison {
  readonly sides: Sides;
  readonly ledger: Ledger;
  readonly tally: Tally;
  /** When it began: what is older is the same for all sides. */
  readonly since: Date;
}

/** Longest part of a value that is shown of a deviation, in characters. */
const SHOWN_LENGTH = 400;

/** Sends one sample event to all three sides, and follows the pages of a list. */
export async function compareEvent(comparison: Comparison, sample: SampleEvent, occasion: Occasion): Promise<void> {
  const { sides, tally } = comparison;
  const name = `events/${sample.functionName}/${sample.name}.json${occasion === 'failure' ? ' (no database)' : ''}`;
  const event = await readEvent(sample);
  const request = requestOf(event);

  const expected = await sides.askGateway(request);
  const invoked = await sides.invoke(sample, event);
  tally.check(`invoke     ${name}`, faultsOf(comparison, 'invoke', occasion, expected, invoked));
  await compareWithStartApi(comparison, request, occasion, expected, name);
}

/** Sends one request to the local gateway and to start-api, and follows the pages of a list. */
export async function compareRequest(
  comparison: Comparison,
  request: ClientRequest,
  occasion: Occasion,
): Promise<void> {
  const expected = await comparison.sides.askGateway(request);
  await compareWithStartApi(comparison, request, occasion, expected, `${request.method} ${request.target}`);
}

async function compareWithStartApi(
  comparison: Comparison,
  request: ClientRequest,
  occasion: Occasion,
  expected: Answer,
  name: string,
): Promise<void> {
  const answer = await comparison.sides.askStartApi(request);
  const faults = faultsOf(comparison, 'start-api', occasion, expected, answer);
  comparison.tally.check(`start-api  ${name}: ${answer.status}`, faults);
  // Not after a fault: two lists that differ might lead on for ever.
  const next = faults.length === 0 ? nextPage(request, expected.body.toString()) : null;
  if (next !== null) await compareRequest(comparison, next, occasion);
}

function faultsOf(
  { ledger, since }: Comparison,
  side: Side,
  occasion: Occasion,
  expected: Answer,
  answer: Answer | FunctionError,
): string[] {
  if ('status' in answer) {
    return ledger.unexplained(side, occasion, deviationsBetween(expected, answer, since)).map(described);
  }
  // A function that throws is not answered for by sam; the local gateway does so, as API Gateway would.
  const isAsExpected = occasion === 'failure' && expected.status >= 500;
  return isAsExpected ? [] : [`the function failed: ${answer.name}: ${answer.message}`];
}

function described({ part, gateway, sam }: Deviation): string {
  return `${part}: ${shown(gateway)} under the local gateway, ${shown(sam)} under sam`;
}

function shown(value: string | null): string {
  if (value === null) return 'absent';
  const text = JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
