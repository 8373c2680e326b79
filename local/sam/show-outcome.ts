import type { ApiModel } from '../../tools/template/model.ts';
import type { InvocationOutcome } from '../gateway/lambda/execution-environment.ts';
import { GatewayFault } from '../gateway/request/gateway-fault.ts';
import { answerOf } from '../gateway/response/proxy-result.ts';
import { decisionOf, UNAUTHORIZED } from './decision.ts';
import { parseEvent } from './sample/sample-events.ts';
import { shownAnswer } from './shown-answer.ts';

export interface Output {
  /** Prints the answer. Everything else goes to stderr. */
  readonly print: (text: string) => void;
  readonly report: (message: string) => void;
}

export const EXIT_FAILED = 1;

/** Prints an authorizer's decision and returns the exit code. Not knowing the caller is a decision too. */
export function showDecision(outcome: InvocationOutcome, { print, report }: Output): number {
  return unlessFaulty(outcome, report, () => {
    const decision = decisionOf(outcome);
    if (typeof decision !== 'string') return showFailure(decision, report);
    print(decision);
    if (decision === UNAUTHORIZED) report('The authorizer does not know the caller: API Gateway answers with 401.');
    return 0;
  });
}

/** Prints the answer as clients would get it, or why there is none, and returns the exit code. */
export function showAnswer(
  outcome: InvocationOutcome,
  event: string,
  { binaryMediaTypes }: ApiModel,
  { print, report }: Output,
): number {
  return unlessFaulty(outcome, report, () => {
    if (outcome.kind === 'failed') return showFailure(outcome.error, report);
    const answer = answerOf(outcome.json, parseEvent(event).headers['Accept'], binaryMediaTypes);
    print(shownAnswer(answer));
    return answer.status < 500 ? 0 : EXIT_FAILED;
  });
}

function showFailure(
  { name, message }: { readonly name: string; readonly message: string },
  report: Output['report'],
): number {
  report(`The function failed: ${name}: ${message}`);
  return EXIT_FAILED;
}

/** Explains what API Gateway would make of a malformed result. */
function unlessFaulty(outcome: InvocationOutcome, report: Output['report'], show: () => number): number {
  try {
    return show();
  } catch (error) {
    if (!(error instanceof GatewayFault)) throw error;
    report(`API Gateway would answer ${error.type}: ${error.message}`);
    if (outcome.kind === 'answered') report(outcome.json);
    return EXIT_FAILED;
  }
}
