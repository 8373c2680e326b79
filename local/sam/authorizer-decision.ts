import { parseAuthorizerResult } from '../gateway/authorizer/authorizer-result.ts';
import type { FunctionError, InvocationOutcome } from '../gateway/lambda/execution-environment.ts';

/** The message that an authorizer throws if it does not know the caller. It is a decision, not a failure. */
export const UNAUTHORIZED = 'Unauthorized';

/**
 * Returns an authorizer's decision as text: its policy as JSON, or `Unauthorized`. An error if the function failed.
 * @throws GatewayError for a malformed policy.
 */
export function authorizerDecision(outcome: InvocationOutcome): string | FunctionError {
  if (outcome.kind === 'failed') return outcome.error.message === UNAUTHORIZED ? UNAUTHORIZED : outcome.error;
  parseAuthorizerResult(outcome.json);
  return JSON.stringify(JSON.parse(outcome.json), null, 2);
}
