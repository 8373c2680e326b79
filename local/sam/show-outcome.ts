import { parseJson } from '../../tools/platform/json.ts';
import type { ApiModel } from '../../tools/template/model.ts';
import type { InvocationOutcome } from '../gateway/lambda/execution-environment.ts';
import { GatewayError } from '../gateway/request/gateway-error.ts';
import type { Answer } from '../gateway/response/answer.ts';
import { parseProxyResult } from '../gateway/response/proxy-result.ts';
import { authorizerDecision, UNAUTHORIZED } from './authorizer-decision.ts';
import { parseEvent } from './sample/sample-events.ts';

export interface Output {
  /** Prints the answer. Everything else goes to stderr. */
  readonly print: (text: string) => void;
  readonly report: (message: string) => void;
}

export const EXIT_FAILED = 1;

/** Prints an authorizer's decision and returns the exit code: 0 for any decision, even to refuse the caller. */
export function showDecision(outcome: InvocationOutcome, { print, report }: Output): number {
  return reportingGatewayErrors(outcome, report, () => {
    const decision = authorizerDecision(outcome);
    if (typeof decision !== 'string') return showFailure(decision, report);
    print(decision);
    if (decision === UNAUTHORIZED) report('The authorizer does not know the caller: API Gateway answers 401.');
    return 0;
  });
}

/** Prints the answer as clients get it, or why there is none, and returns the exit code. */
export function showAnswer(
  outcome: InvocationOutcome,
  event: string,
  { binaryMediaTypes }: ApiModel,
  { print, report }: Output,
): number {
  return reportingGatewayErrors(outcome, report, () => {
    if (outcome.kind === 'failed') return showFailure(outcome.error, report);
    const answer = parseProxyResult(outcome.json, parseEvent(event).headers['Accept'], binaryMediaTypes);
    print(formatAnswer(answer));
    return answer.status < 500 ? 0 : EXIT_FAILED;
  });
}

/** Formats an answer as status, headers, an empty line, and the body, which is indented if it is JSON. */
function formatAnswer({ status, headers, body }: Answer): string {
  const head = [String(status), ...headers.map(([name, value]) => `${name}: ${value}`)];
  const text = body.toString();
  const json = parseJson(text);
  return [...head, '', json === undefined ? text : JSON.stringify(json, null, 2)].join('\n');
}

function showFailure(
  { name, message }: { readonly name: string; readonly message: string },
  report: Output['report'],
): number {
  report(`The function failed: ${name}: ${message}`);
  return EXIT_FAILED;
}

/** Reports how API Gateway would answer a malformed result. */
function reportingGatewayErrors(outcome: InvocationOutcome, report: Output['report'], show: () => number): number {
  try {
    return show();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    report(`API Gateway would answer ${error.type}: ${error.message}`);
    if (outcome.kind === 'answered') report(outcome.json);
    return EXIT_FAILED;
  }
}
