import { authorizerResultOf } from '../gateway/authorizer/authorizer-result.ts';
import type { FunctionError, InvocationOutcome } from '../gateway/lambda/execution-environment.ts';

/** What an authorizer throws, to the letter, when it does not know the caller: an answer of it and no failure. */
export const UNAUTHORIZED = 'Unauthorized';

/**
 * What an authorizer decided, as people read it: its policy as JSON, or `Unauthorized`. An error when it failed.
 * @throws GatewayFault for a malformed policy.
 */
export function decisionOf(outcome: InvocationOutcome): string | FunctionError {
  if (outcome.kind === 'failed') return outcome.error.message === UNAUTHORIZED ? UNAUTHORIZED : outcome.error;
  authorizerResultOf(outcome.json);
  return JSON.stringify(JSON.parse(outcome.json), null, 2);
}
