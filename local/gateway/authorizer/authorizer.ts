import { isMapping } from '../../../tools/template/fields.ts';
import type { AuthorizerModel, IdentitySource } from '../../../tools/template/model.ts';
import type { FunctionHost } from '../lambda/function-host.ts';
import { GatewayFault } from '../request/gateway-fault.ts';
import type { Query } from '../request/query.ts';
import { type GatewayRequest, headersOf } from '../request/request.ts';
import type { AuthorizerContext } from '../request/request-context.ts';
import type { AuthorizerEvent } from './authorizer-event.ts';
import { type AuthorizerResult, authorizerResultOf } from './authorizer-result.ts';
import { evaluatePolicy, type PolicyVerdict } from './iam-policy.ts';

/** Bound on the memory of this process. */
const MAX_ENTRIES = 10_000;

/** What an authorizer's function throws to say that it does not know the caller; anything else is a failure. */
const UNAUTHORIZED_MESSAGE = 'Unauthorized';

export interface Authorization {
  readonly verdict: PolicyVerdict;
  readonly context: AuthorizerContext;
  /** Whether the function was asked; null where results are not kept. */
  readonly cache: 'hit' | 'miss' | null;
}

export interface Authorizer {
  /**
   * What the authorizer says of a request.
   * @throws GatewayFault UNAUTHORIZED, AUTHORIZER_CONFIGURATION_ERROR or AUTHORIZER_FAILURE.
   */
  authorize(request: GatewayRequest, query: Query, event: AuthorizerEvent): Promise<Authorization>;
  flush(): void;
}

/**
 * A Lambda authorizer of type REQUEST with its results kept by exactly its identity sources ("Use API Gateway Lambda
 * authorizers"). A policy is kept, whatever it says, and evaluated for each request anew; a failure is not.
 */
export function createAuthorizer(model: AuthorizerModel, host: FunctionHost, now: () => Date): Authorizer {
  const kept = new Map<string, { readonly result: AuthorizerResult; readonly expiresAt: number }>();

  function find(key: string): AuthorizerResult | null {
    const entry = kept.get(key);
    if (entry === undefined) return null;
    if (now().getTime() < entry.expiresAt) return entry.result;
    kept.delete(key);
    return null;
  }

  function keep(key: string, result: AuthorizerResult): void {
    kept.delete(key);
    kept.set(key, { result, expiresAt: now().getTime() + model.ttlSeconds * 1000 });
    const [oldest] = kept.keys();
    if (kept.size > MAX_ENTRIES && oldest !== undefined) kept.delete(oldest);
  }

  return {
    async authorize(request, query, event) {
      const key = JSON.stringify(model.identitySources.map((source) => identityOf(source, request, query, event)));
      const found = find(key);
      if (found !== null) return authorization(found, event, 0, 'hit');

      const startedAt = performance.now();
      const result = await ask(host, event, request.id);
      const latency = Math.round(performance.now() - startedAt);
      if (model.ttlSeconds === 0) return authorization(result, event, latency, null);
      keep(key, result);
      return authorization(result, event, latency, 'miss');
    },
    flush: () => kept.clear(),
  };
}

function authorization(
  { policy, principalId, context }: AuthorizerResult,
  event: AuthorizerEvent,
  integrationLatency: number,
  cache: Authorization['cache'],
): Authorization {
  return {
    verdict: evaluatePolicy(policy, event.methodArn),
    context: { ...context, principalId, integrationLatency },
    cache,
  };
}

/** @throws GatewayFault UNAUTHORIZED for a source that is missing or empty: the function is not asked then. */
function identityOf(
  { in: place, name }: IdentitySource,
  request: GatewayRequest,
  query: Query,
  event: AuthorizerEvent,
): readonly string[] {
  const values = valuesOf();
  if (values.every((value) => value.trim() === '')) {
    throw new GatewayFault('UNAUTHORIZED', `the identity source ${place} ${name} is missing`);
  }
  return values;

  function valuesOf(): readonly string[] {
    if (place === 'header') return headersOf(request, name);
    if (place === 'querystring') return query.get(name) ?? [];
    const value = name
      .split('.')
      .reduce<unknown>((found, part) => (isMapping(found) ? found[part] : undefined), event.requestContext);
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
  }
}

async function ask(host: FunctionHost, event: AuthorizerEvent, requestId: string): Promise<AuthorizerResult> {
  const outcome = await host.invoke(JSON.stringify(event), requestId);
  if (outcome.kind === 'answered') return authorizerResultOf(outcome.json);
  const { name, message } = outcome.error;
  if (message === UNAUTHORIZED_MESSAGE) throw new GatewayFault('UNAUTHORIZED', 'the authorizer refused the caller');
  throw new GatewayFault('AUTHORIZER_FAILURE', `${name}: ${message}`);
}
