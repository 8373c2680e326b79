import { isMapping } from '../../../tools/template/fields.ts';
import type { AuthorizerModel, IdentitySource } from '../../../tools/template/model.ts';
import type { FunctionHost } from '../lambda/function-host.ts';
import { GatewayError } from '../request/gateway-error.ts';
import type { Query } from '../request/query.ts';
import { type GatewayRequest, headersOf } from '../request/request.ts';
import type { AuthorizerContext } from '../request/request-context.ts';
import type { AuthorizerEvent } from './authorizer-event.ts';
import { type AuthorizerResult, parseAuthorizerResult } from './authorizer-result.ts';
import { evaluatePolicy, type PolicyVerdict } from './iam-policy.ts';

/** Limits the memory of this process. */
const MAX_ENTRIES = 10_000;

/** The error by which an authorizer says that it does not know the caller. Any other is a failure. */
const UNAUTHORIZED_MESSAGE = 'Unauthorized';

type Cache = Map<string, { readonly result: AuthorizerResult; readonly expiresAt: number }>;

export interface Authorization {
  readonly verdict: PolicyVerdict;
  readonly context: AuthorizerContext;
  /** Whether the function ran. Null if results are not cached. */
  readonly cache: 'hit' | 'miss' | null;
}

export interface Authorizer {
  /**
   * Returns the authorizer's decision about a request.
   * @throws GatewayError UNAUTHORIZED, AUTHORIZER_CONFIGURATION_ERROR or AUTHORIZER_FAILURE.
   */
  authorize(request: GatewayRequest, query: Query, event: AuthorizerEvent): Promise<Authorization>;
  flush(): void;
}

/**
 * Emulates a Lambda authorizer of type REQUEST, with results cached by exactly its identity sources ("Use API Gateway
 * Lambda authorizers"). A policy is cached whatever it says, and evaluated for each request. A failure is not cached.
 */
export function createAuthorizer(model: AuthorizerModel, host: FunctionHost, now: () => Date): Authorizer {
  // Replaced by a flush, so that a result that was asked for before it is not found after it.
  let cached: Cache = new Map();

  function find(key: string): AuthorizerResult | null {
    const entry = cached.get(key);
    if (entry === undefined) return null;
    if (now().getTime() < entry.expiresAt) return entry.result;
    cached.delete(key);
    return null;
  }

  function store(cache: Cache, key: string, result: AuthorizerResult): void {
    cache.delete(key);
    cache.set(key, { result, expiresAt: now().getTime() + model.ttlSeconds * 1000 });
    const [oldest] = cache.keys();
    if (cache.size > MAX_ENTRIES && oldest !== undefined) cache.delete(oldest);
  }

  return {
    async authorize(request, query, event) {
      const key = JSON.stringify(model.identitySources.map((source) => identityOf(source, request, query, event)));
      const found = find(key);
      if (found !== null) return authorization(found, event, 0, 'hit');

      const cache = cached;
      const startedAt = performance.now();
      const result = await invokeAuthorizer(host, event, request.id);
      const latency = Math.round(performance.now() - startedAt);
      if (model.ttlSeconds === 0) return authorization(result, event, latency, null);
      store(cache, key, result);
      return authorization(result, event, latency, 'miss');
    },
    flush() {
      cached = new Map();
    },
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

/** @throws GatewayError UNAUTHORIZED if a source is missing or empty. Then the function does not run. */
function identityOf(
  { in: place, name }: IdentitySource,
  request: GatewayRequest,
  query: Query,
  event: AuthorizerEvent,
): readonly string[] {
  const values = valuesOf();
  if (values.every((value) => value.trim() === '')) {
    throw new GatewayError('UNAUTHORIZED', `the identity source ${place} ${name} is missing`);
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

async function invokeAuthorizer(
  host: FunctionHost,
  event: AuthorizerEvent,
  requestId: string,
): Promise<AuthorizerResult> {
  const outcome = await host.invoke(JSON.stringify(event), requestId);
  if (outcome.kind === 'answered') return parseAuthorizerResult(outcome.json);
  const { name, message } = outcome.error;
  if (message === UNAUTHORIZED_MESSAGE) throw new GatewayError('UNAUTHORIZED', 'the authorizer refused the caller');
  throw new GatewayError('AUTHORIZER_FAILURE', `${name}: ${message}`);
}
