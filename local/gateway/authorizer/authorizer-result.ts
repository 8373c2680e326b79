import { isMapping } from '../../../tools/template/fields.ts';
import { GatewayError } from '../request/gateway-error.ts';
import { type Policy, parsePolicy } from './iam-policy.ts';

/** A decision of an authorizer, as it is cached. */
export interface AuthorizerResult {
  readonly policy: Policy;
  readonly principalId: string;
  /** Values for the functions behind it, as text. */
  readonly context: Readonly<Record<string, string>>;
}

/**
 * Parses the result of an authorizer function ("Output from an API Gateway Lambda authorizer").
 * @throws GatewayError AUTHORIZER_CONFIGURATION_ERROR if it is malformed.
 */
export function parseAuthorizerResult(json: string): AuthorizerResult {
  const result: unknown = JSON.parse(json);
  if (!isMapping(result)) throw malformed('it is not an object');
  const { principalId, policyDocument, context = {} } = result;
  if (typeof principalId !== 'string' || principalId === '') throw malformed('it has no principalId');
  const policy = parsePolicy(policyDocument);
  if (policy === null) throw malformed('its policyDocument is not a policy');
  return { policy, principalId, context: readContext(context) };
}

function readContext(context: unknown): Readonly<Record<string, string>> {
  if (!isMapping(context)) throw malformed('its context is not an object');
  return Object.fromEntries(
    Object.entries(context).map(([name, value]) => {
      const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
      if (!isScalar) throw malformed(`${name} in its context is not a text, a number or a boolean`);
      return [name, String(value)];
    }),
  );
}

function malformed(reason: string): GatewayError {
  return new GatewayError('AUTHORIZER_CONFIGURATION_ERROR', `the authorizer's answer is malformed: ${reason}`);
}
