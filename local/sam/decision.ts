import { authorizerResultOf } from '../gateway/authorizer/authorizer-result.ts';
import type { FunctionError, InvocationOutcome } from '../gateway/lambda/execution-environment.ts';

/** Exactly what an authorizer throws if it does not know the caller, which is an answer and not a failure. */
export const UNAUTHORIZED = 'Unauthorized';

/**
 * Formats an authorizer's decision for people: its policy as JSON, or `Unauthorized`. An error if it failed.
 * @throws GatewayFault for a malformed policy.
 */
export function decisionOf(outcome: InvocationOutcome): string | FunctionError {
  if (outcome.kind === 'failed') return outcome.error.message === UNAUTHORIZED ? UNAUTHORIZED : outcome.error;
  authorizerResultOf(outcome.json);
  return JSON.stringify(JSON.parse(outcome.json), null, 2);
}
