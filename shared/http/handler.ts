import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { allowedOrigins, cacheTtlSeconds } from '../config.ts';
import { requestLogger } from '../logger.ts';
import { type Prepared, prepareBy, prepared } from '../prepare.ts';
import { publishCounts } from '../telemetry/business-metrics.ts';
import { traced } from '../telemetry/tracing.ts';
import { problemResult, Reply, successResult } from './answer.ts';
import { apiUrl } from './api-url.ts';
import type { Contract, Input, Output } from './contract.ts';
import { readableBy } from './cors.ts';
import { asProblem, failureCode, type Problem, problem } from './problem.ts';
import { header, parseBody, parseQuery } from './request.ts';
import type { Auth, Route, RouteKey, Routes, RuntimeRoute } from './route.ts';
import { assertValid, checkItems } from './validation.ts';

/**
 * The authenticated sender of a request, from a verified access token. `requireCaller` turns it into a `Caller`, whose
 * session and account still exist.
 */
export interface Principal {
  readonly userId: string;
  readonly sessionId: string;
  readonly roles: readonly string[];
  /** Token epoch of the account when the token was issued. */
  readonly epoch: number;
}

/** The kinds of `auth` that need a bearer token. */
type TokenAuth = Exclude<Auth, 'public' | 'gateway'>;

/** Authenticates a request. Throws a 401 or 403 problem if it cannot. */
export type Authenticate = (event: APIGatewayProxyEvent, auth: TokenAuth) => Principal | Promise<Principal>;

/** The argument of a route function: validated input, and the principal if the route requires one. */
export type RouteRequest<R extends Route> = Input<R> & {
  readonly principal: R['auth'] extends TokenAuth ? Principal : undefined;
  /** The source address as API Gateway reports it. Headers cannot change it. */
  readonly sourceIp: string;
  /** The base URL of the API, as the sender reaches it: `https://api.example.com/v1`. */
  readonly apiUrl: string;
};

type RouteFunction<R extends Route> = (
  request: RouteRequest<R>,
) => Output<R> | Reply<Output<R>> | Promise<Output<R> | Reply<Output<R>>>;

/** One function for every route of a contract, by the same key. */
export type RouteFunctions<R extends Routes> = { readonly [Key in keyof R & RouteKey]: RouteFunction<R[Key]> };

/** Required as soon as one route needs a principal. */
type HandlerOptions<R extends Routes> = R[keyof R & RouteKey]['auth'] extends 'public' | 'gateway'
  ? [options?: { readonly authenticate?: Authenticate }]
  : [options: { readonly authenticate: Authenticate }];

export type LambdaHandler = ((event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>) & Prepared;

/**
 * Creates the Lambda handler of a contract. Only the handler parses, authenticates, validates, catches, logs and shapes
 * answers. A route function takes validated input and returns data or a {@link Reply}, or throws a {@link Problem}.
 *
 * HEAD gets the whole answer of GET. API Gateway leaves out the body, after it has taken the `Content-Length` from it
 * (docs/decisions/0028).
 *
 * On a cached route, a server failure (status 500 and up) is thrown instead of returned. API Gateway may cache any
 * answer but not a function's error, which it answers with its `DEFAULT_5XX` response (docs/decisions/0005).
 * @throws Error if a route has no function, or needs a principal while `authenticate` is missing.
 */
export function createHandler<R extends Routes>(
  contract: Contract<R>,
  functions: RouteFunctions<R>,
  ...[options = {}]: HandlerOptions<R>
): LambdaHandler {
  const routes = Object.entries(contract.runtime).map(([key, route]) => {
    const run = (functions as unknown as Readonly<Record<string, RouteFunction<Route> | undefined>>)[key];
    if (run === undefined) throw new Error(`${key} is in the contract but has no function: add one to handler.ts.`);
    if (needsToken(route.auth) && options.authenticate === undefined) {
      throw new Error(`${key} is for a ${route.auth}: give createHandler an \`authenticate\`.`);
    }
    return [key, { ...route, run }] as const;
  });
  const byKey: ReadonlyMap<string, (typeof routes)[number][1]> = new Map(routes);

  // Compiles validators, which take longer when they run for the first time.
  prepareBy(() => {
    for (const { validators } of byKey.values()) {
      for (const validate of Object.values(validators)) validate?.({});
    }
  });

  return prepared(async (event: APIGatewayProxyEvent) => {
    const { requestId, identity } = event.requestContext;
    const route = byKey.get(`${event.httpMethod} ${event.resource}`);
    const headers = commonHeaders(event, route, requestId);
    try {
      if (route === undefined) throw problem('not-found');
      const { sourceIp } = identity;
      const name = `${event.httpMethod} ${event.resource}`;
      return await traced({ name, requestId, failureCode }, async () => {
        const principal = await authorize(event, route.auth, options.authenticate);
        const input = checkedInput(event, route);
        const output = await route.run({ ...input, principal, sourceIp, apiUrl: apiUrl(event) } as RouteRequest<Route>);
        return resultOf(route, output, headers);
      });
    } catch (error) {
      const failure = asProblem(error);
      const isThrown = failure.status >= 500 && typeof route?.cacheSeconds === 'number';
      logFailure(failure, event, isThrown);
      if (isThrown) throw new UncacheableFailure(failure.code);
      return problemResult(failure, requestId, { ...headers, 'Cache-Control': 'no-store' });
    } finally {
      await publishCounts();
    }
  });
}

/** Thrown by a cached route, so that API Gateway answers. It has only the code, since Lambda logs it. */
class UncacheableFailure extends Error {
  override readonly name = 'UncacheableFailure';
}

function needsToken(auth: Auth): auth is TokenAuth {
  return auth !== 'public' && auth !== 'gateway';
}

async function authorize(
  event: APIGatewayProxyEvent,
  auth: Auth,
  authenticate: Authenticate | undefined,
): Promise<Principal | undefined> {
  if (auth === 'public') return undefined;
  if (auth === 'gateway') {
    // The request came without the authorizer, for example because the template lost it: refuse.
    if (!event.requestContext.authorizer?.['principalId']) throw problem('forbidden');
    return undefined;
  }
  if (authenticate === undefined) throw problem('forbidden');
  return authenticate(event, auth);
}

function checkedInput(event: APIGatewayProxyEvent, route: Contract['runtime'][string]): Input<Route> {
  const { validators } = route;
  const path = { ...event.pathParameters };
  if (validators.path) assertValid('path', validators.path, path);
  const query = parseQuery(event, route);
  if (validators.query) assertValid('query', validators.query, query);
  const headers = Object.fromEntries(
    route.headerNames.flatMap((name) => {
      const value = header(event, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  if (validators.headers) assertValid('header', validators.headers, headers);
  const body = validators.body ? parseBody(event) : undefined;
  if (validators.body) assertValid('body', validators.body, body);
  if (validators.item && route.itemsOf !== null) {
    const lists = body as Record<string, unknown[]>;
    lists[route.itemsOf] = checkItems(route.itemsOf, validators.item, lists[route.itemsOf] ?? []);
  }
  // The validation above makes these types true.
  return { path, query, headers, body } as Input<Route>;
}

function commonHeaders(
  event: APIGatewayProxyEvent,
  route: RuntimeRoute | undefined,
  requestId: string,
): Record<string, string> {
  return {
    'X-Request-Id': requestId,
    'X-Content-Type-Options': 'nosniff',
    ...(typeof route?.cacheSeconds === 'number' ? CACHED_HEADERS : originHeaders(event)),
  };
}

/**
 * Of answers that caches may store. API Gateway compresses them for clients that ask, and adds no `Vary` itself
 * (docs/decisions/0039).
 */
const CACHED_HEADERS = { 'Access-Control-Allow-Origin': '*', Vary: 'Accept-Encoding' } as const;

/** Uncached answers echo an allowed origin and vary by it. */
function originHeaders(event: APIGatewayProxyEvent): Readonly<Record<string, string>> {
  const origin = header(event, 'origin');
  return origin !== undefined && allowedOrigins().includes(origin) ? readableBy(origin) : { Vary: 'Origin' };
}

function resultOf(
  route: RuntimeRoute,
  output: unknown,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyResult {
  // An authorized answer may stay on the reader's own device, not in a proxy (RFC 9111 section 3.5).
  const scope = route.auth === 'public' ? 'public' : 'private';
  const cacheControl =
    route.cacheSeconds === null ? 'no-store' : `${scope}, max-age=${cacheTtlSeconds() ?? route.cacheSeconds}`;
  const shared = { ...headers, 'Cache-Control': cacheControl };
  return output instanceof Reply
    ? successResult(output.status, output.body, route.contentType, { ...shared, ...output.headers })
    : successResult(route.status, output, route.contentType, shared);
}

/**
 * Logs the route pattern, not the path, which can contain a secret. Metric filters count failures by these fields, and
 * Lambda itself counts the thrown ones (template.yaml, docs/decisions/0035).
 */
function logFailure(failure: Problem, event: APIGatewayProxyEvent, thrown: boolean): void {
  const log = requestLogger(event.requestContext.requestId);
  const line = { code: failure.code, status: failure.status, route: `${event.httpMethod} ${event.resource}` };
  if (failure.status < 500) log.info('Request refused', line);
  else log.error('Request failed', { ...line, thrown }, { error: failure.options.cause as Error });
}
