import type { ApiModel, RouteModel } from '../../tools/template/model.ts';
import type { Authorization, Authorizer } from './authorizer/authorizer.ts';
import { buildAuthorizerEvent } from './authorizer/authorizer-event.ts';
import { cacheSlot } from './cache/cache-slot.ts';
import type { StageCache } from './cache/stage-cache.ts';
import { MAX_PAYLOAD_BYTES } from './lambda/execution-environment.ts';
import type { FunctionHost } from './lambda/function-host.ts';
import { GatewayError } from './request/gateway-error.ts';
import { buildProxyEvent } from './request/proxy-event.ts';
import { assertPercentEncoding, parseQuery, type Query } from './request/query.ts';
import { type GatewayRequest, headerOf } from './request/request.ts';
import { buildRequestContext, type RequestContext } from './request/request-context.ts';
import type { Match, Router } from './request/routing.ts';
import { type Answer, withHeader } from './response/answer.ts';
import { gatewayResponse } from './response/gateway-response.ts';
import { preflight } from './response/preflight.ts';
import { parseProxyResult } from './response/proxy-result.ts';

/** API Gateway's warning to a client that may not invalidate the cache, which by default is every client. */
const INVALIDATION_WARNING = '199 Cache-control headers were ignored because the caller was unauthorized.';

export interface PipelineParts {
  readonly model: ApiModel;
  readonly router: Router;
  /** Null if the route is not cached. */
  readonly cache: StageCache | null;
  readonly authorizers: ReadonlyMap<string, Authorizer>;
  readonly hosts: ReadonlyMap<string, FunctionHost>;
}

export interface Exchange {
  readonly answer: Answer;
  readonly match: Match | null;
  readonly cache: 'hit' | 'miss' | null;
  readonly authorizer: Authorization['cache'];
  /** Why the gateway answered instead of a function. Null if a function or the cache answered. */
  readonly gatewayError: string | null;
}

/** Handles one request in API Gateway's order: route, authorize, cache, invoke, answer. */
export async function handleRequest(
  parts: PipelineParts,
  request: GatewayRequest,
  readBody: () => Promise<Buffer>,
): Promise<Exchange> {
  const { model } = parts;
  const stagePath = pathInStage(request.path, model.stageName);
  let match: Match | null = null;
  let query: Query = new Map();
  let authorization: Authorization | null = null;

  try {
    assertPercentEncoding(request.path);
    query = parseQuery(request.query);

    if (stagePath !== null) match = parts.router(request.method, stagePath);
    if (match === null || stagePath === null) throw notFound(request);
    if (match.target.kind === 'preflight') return answered(preflight(corsOf(model), match.target.methods), match);
    const { route } = match.target;

    const path = stagePath.replace(/^\/+/, '/');
    const routed = {
      request,
      match,
      query,
      path,
      context: buildRequestContext(request, model.stageName, stagePath, match),
    };
    // Before the stage cache, whose answers are only for authorized requests.
    authorization = await authorize(parts, route, routed);
    const context = withAuthorizer(routed.context, authorization);
    if (authorization !== null && authorization.verdict !== 'allowed') {
      throw new GatewayError('ACCESS_DENIED', `${route.authorizer}: ${authorization.verdict}`);
    }

    const slot = cacheSlot(parts.cache, route, request, match, query);
    const found = slot?.find() ?? null;
    if (found !== null) return answered(withCacheHeaders(found, request, 'hit'), match, authorization, 'hit');

    const { binaryMediaTypes } = model;
    const event = buildProxyEvent({ ...routed, context, binaryMediaTypes, body: await readBody() });
    const result = await invoke(hostOf(parts.hosts, route), route, JSON.stringify(event), request.id);

    const answer = parseProxyResult(result, headerOf(request, 'accept'), binaryMediaTypes);
    if (slot === null) return answered(answer, match, authorization);
    slot.store(answer);
    return answered(withCacheHeaders(answer, request, 'miss'), match, authorization, 'miss');
  } catch (cause) {
    if (!(cause instanceof GatewayError)) throw cause;
    const context = withAuthorizer(
      buildRequestContext(request, model.stageName, stagePath ?? request.path, match),
      authorization,
    );
    const source = { request, context, query, pathParameters: match?.pathParameters ?? {} };
    return {
      answer: gatewayResponse(model.gatewayResponses, cause.type, source),
      match,
      cache: null,
      authorizer: authorization?.cache ?? null,
      gatewayError: `${cause.type}: ${cause.message}`,
    };
  }
}

/** Returns the decision of the route's authorizer. Null if the route is open to everyone. */
async function authorize(
  { authorizers }: PipelineParts,
  route: RouteModel,
  routed: Parameters<typeof buildAuthorizerEvent>[0],
): Promise<Authorization | null> {
  if (route.authorizer === null) return null;
  const authorizer = authorizers.get(route.authorizer);
  if (authorizer === undefined) throw new Error(`There is no authorizer ${route.authorizer}`);
  return authorizer.authorize(routed.request, routed.query, buildAuthorizerEvent(routed));
}

function withAuthorizer(context: RequestContext, authorization: Authorization | null): RequestContext {
  return authorization === null ? context : { ...context, authorizer: authorization.context };
}

function answered(
  answer: Answer,
  match: Match,
  authorization: Authorization | null = null,
  cache: Exchange['cache'] = null,
): Exchange {
  return { answer, match, cache, authorizer: authorization?.cache ?? null, gatewayError: null };
}

/** Returns the path below the stage. Null for a path outside of it. */
function pathInStage(path: string, stageName: string): string | null {
  const [, stage, rest = ''] = /^\/+([^/]*)(.*)$/s.exec(path) ?? [];
  if (stage !== stageName) return null;
  return rest === '' ? '/' : rest;
}

/**
 * API Gateway treats a request for an unknown path as one that should be signed: without Authorization the signature is
 * missing, with a bearer token it is malformed.
 */
function notFound(request: GatewayRequest): GatewayError {
  const isUnsigned = headerOf(request, 'authorization') === undefined;
  return new GatewayError(isUnsigned ? 'MISSING_AUTHENTICATION_TOKEN' : 'INVALID_SIGNATURE', 'no such route');
}

function corsOf(model: ApiModel): NonNullable<ApiModel['cors']> {
  if (model.cors === null) throw new Error('A preflight was routed without CORS settings');
  return model.cors;
}

/** Returns the host of a named function. */
export function hostOf(
  hosts: ReadonlyMap<string, FunctionHost>,
  { functionName }: { readonly functionName: string },
): FunctionHost {
  const host = hosts.get(functionName);
  if (host === undefined) throw new Error(`There is no host for the function ${functionName}`);
  return host;
}

function withCacheHeaders(answer: Answer, request: GatewayRequest, cache: 'hit' | 'miss'): Answer {
  const marked = withHeader(answer, 'X-Cache', cache);
  const wantsInvalidation = /\bmax-age=0\b/.test(headerOf(request, 'cache-control') ?? '');
  return wantsInvalidation ? withHeader(marked, 'Warning', INVALIDATION_WARNING) : marked;
}

/** @throws GatewayError for a function that fails or takes longer than the gateway waits. */
async function invoke(host: FunctionHost, route: RouteModel, event: string, requestId: string): Promise<string> {
  if (Buffer.byteLength(event) > MAX_PAYLOAD_BYTES) {
    throw new GatewayError('REQUEST_TOO_LARGE', `the event is larger than ${MAX_PAYLOAD_BYTES} bytes`);
  }
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new GatewayError('INTEGRATION_TIMEOUT', 'the function took too long')),
      route.integrationTimeoutMilliseconds,
    );
  });
  try {
    const outcome = await Promise.race([host.invoke(event, requestId), timeout]);
    if (outcome.kind === 'answered') return outcome.json;
    throw new GatewayError('INTEGRATION_FAILURE', `${outcome.error.name}: ${outcome.error.message}`);
  } finally {
    clearTimeout(timer);
  }
}
