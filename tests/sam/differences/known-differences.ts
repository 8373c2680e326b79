/** Who answers a request, or what is unusual about it. */
export type Scenario =
  | 'route'
  | 'route, cache invalidation'
  | 'route, encoded path'
  | 'route, malformed encoding'
  | 'route, not modified'
  | 'failure'
  | 'no token'
  | 'token refused'
  | 'access denied'
  | 'authorizer failure'
  | 'unknown route'
  | 'HEAD'
  | 'preflight';

export type Side = 'invoke' | 'start-api';

/** Patterns of both values. Null for a missing header. */
type ValuePatterns = readonly [gateway: RegExp | null, sam: RegExp | null];

/** A difference that sam causes. */
export interface KnownDifference {
  readonly side: Side;
  readonly scenarios: readonly Scenario[];
  readonly why: string;
  /** By part: `status`, `body`, or the name of a header. */
  readonly parts: Readonly<Record<string, ValuePatterns>>;
}

const CACHED_ROUTE: readonly Scenario[] = ['route', 'route, cache invalidation', 'route, encoded path'];
const FUNCTION_ANSWERS: readonly Scenario[] = [...CACHED_ROUTE, 'route, malformed encoding', 'route, not modified'];
const NOT_AUTHORIZED: readonly Scenario[] = ['no token', 'token refused', 'access denied', 'authorizer failure'];
const GATEWAY_ANSWERS: readonly Scenario[] = [...NOT_AUTHORIZED, 'failure', 'unknown route', 'HEAD'];
const EVERY: readonly Scenario[] = [...FUNCTION_ANSWERS, ...GATEWAY_ANSWERS, 'preflight'];

const ANY = /^/;
const PROBLEM = /^application\/problem\+json$/;

/** All expected differences. Any other is a bug, here or in sam. */
export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    side: 'invoke',
    scenarios: ['route'],
    why: 'sam local invoke shows the result of the function, without the headers that are added on the way to the client',
    parts: {
      'content-length': [/^\d+$/, null],
      date: [ANY, null],
      'x-amz-apigw-id': [ANY, null],
      'x-amzn-requestid': [ANY, null],
    },
  },
  {
    side: 'invoke',
    scenarios: ['route'],
    why: 'sam local invoke calls the function without an API, so there is no stage cache',
    parts: { 'x-cache': [/^(hit|miss)$/, null] },
  },
  {
    side: 'start-api',
    scenarios: CACHED_ROUTE,
    why: 'sam has no stage cache: it runs the function for every request',
    parts: { 'x-cache': [/^(hit|miss)$/, null] },
  },
  {
    side: 'start-api',
    scenarios: ['route, cache invalidation'],
    why: 'sam has no stage cache, so it does not warn a client that may not invalidate it',
    parts: { warning: [/^199 /, null] },
  },
  {
    side: 'start-api',
    scenarios: EVERY,
    why: "sam does not send API Gateway's own ids, and names its web server",
    parts: {
      server: [null, /^Werkzeug/],
      'x-amz-apigw-id': [ANY, null],
      'x-amzn-requestid': [ANY, null],
    },
  },
  {
    side: 'start-api',
    scenarios: FUNCTION_ANSWERS,
    why: 'sam adds the CORS headers of the preflight to every answer of a function',
    parts: {
      'access-control-allow-headers': [null, ANY],
      'access-control-allow-methods': [null, ANY],
      'access-control-max-age': [null, ANY],
      'access-control-allow-origin': [null, /^\*$/],
    },
  },
  {
    side: 'start-api',
    scenarios: ['route'],
    why: 'sam passes on the WWW-Authenticate header of a function unchanged; API Gateway renames it',
    parts: {
      'www-authenticate': [null, /^Bearer/],
      'x-amzn-remapped-www-authenticate': [/^Bearer/, null],
    },
  },
  {
    side: 'start-api',
    scenarios: ['route, not modified'],
    why: 'sam drops the Content-Type from a 304; API Gateway passes it on, as with any answer',
    parts: { 'content-type': [/^application\/rss\+xml; charset=utf-8$/, null] },
  },
  {
    side: 'start-api',
    scenarios: ['preflight'],
    why: "sam answers a preflight with an empty body; API Gateway's mock integration answers with an empty object",
    parts: {
      body: [/^\{\}\n$/, /^$/],
      'content-length': [/^3$/, /^0$/],
      'content-type': [/^application\/json$/, /^text\/html/],
    },
  },
  {
    side: 'start-api',
    scenarios: ['preflight'],
    why: 'sam sorts the allowed methods',
    parts: {
      'access-control-allow-methods': [/^GET,POST,PUT,PATCH,DELETE,OPTIONS$/, /^DELETE,GET,OPTIONS,PATCH,POST,PUT$/],
    },
  },
  {
    side: 'start-api',
    scenarios: ['unknown route'],
    why: "sam ignores GatewayResponses: an unknown route gets API Gateway's default 403",
    parts: {
      status: [/^404$/, /^403$/],
      body: [/"code":"not-found"/, /^\{"message":"Missing Authentication Token"\}\n$/],
    },
  },
  {
    side: 'start-api',
    scenarios: ['HEAD'],
    why: 'sam accepts HEAD wherever GET is declared, but then finds no route; API Gateway has no HEAD unless it is declared',
    parts: { status: [/^404$/, /^502$/] },
  },
  {
    side: 'start-api',
    scenarios: ['route, encoded path'],
    why: 'sam decodes path parameters; API Gateway passes them on as sent, and an encoded one is not a slug',
    parts: {
      status: [/^400$/, /^200$/],
      body: [/"code":"invalid-request"/, /^\{"id":"writing-that-teaches"/],
      'cache-control': [/^no-store$/, /^public, max-age=60$/],
      'content-length': [/^\d+$/, /^\d+$/],
      'content-type': [PROBLEM, /^application\/json$/],
    },
  },
  {
    side: 'start-api',
    scenarios: ['route, malformed encoding'],
    why: 'sam passes malformed percent-encoding to the function as text; API Gateway refuses the request',
    parts: {
      status: [/^400$/, /^200$/],
      body: [/"code":"invalid-request"/, /^\{"items":\[\]/],
      'cache-control': [/^no-store$/, /^public, max-age=60$/],
      'content-length': [/^\d+$/, /^\d+$/],
      'content-type': [PROBLEM, /^application\/json$/],
      'x-amzn-errortype': [ANY, null],
      'x-content-type-options': [null, /^nosniff$/],
    },
  },
  {
    side: 'start-api',
    scenarios: ['failure'],
    why: "sam ignores GatewayResponses: a function that throws gets a plain 500; API Gateway's default is 502, and the template sets 503",
    parts: {
      status: [/^503$/, /^500$/],
      body: [/"code":"unavailable"/, /^\{"message":"Internal server error"\}\n$/],
      'retry-after': [/^2$/, null],
    },
  },
  {
    side: 'start-api',
    scenarios: ['no token'],
    why: "sam ignores GatewayResponses: a request without a token gets API Gateway's default 401",
    parts: {
      body: [/"code":"invalid-token"/, /^\{"message":"Unauthorized"\}\n$/],
      'www-authenticate': [/^Bearer error="invalid_token"$/, null],
    },
  },
  {
    side: 'start-api',
    scenarios: ['token refused'],
    why: 'sam treats every error of an authorizer as a failure and answers 502; API Gateway answers the error Unauthorized with 401',
    parts: {
      status: [/^401$/, /^502$/],
      body: [/"code":"invalid-token"/, /^\{"message":"Internal server error"\}\n$/],
      'www-authenticate': [/^Bearer error="invalid_token"$/, null],
    },
  },
  {
    side: 'start-api',
    scenarios: ['access denied'],
    why: "sam ignores GatewayResponses: a denied caller gets API Gateway's default 403",
    parts: { body: [/"code":"forbidden"/, /^\{"message":"User is not authorized to access this resource"\}\n$/] },
  },
  {
    side: 'start-api',
    scenarios: ['authorizer failure'],
    why: "sam ignores GatewayResponses: a failing authorizer gets a plain 502; API Gateway's default is 500, and the template sets 503",
    parts: {
      status: [/^503$/, /^502$/],
      body: [/"code":"unavailable"/, /^\{"message":"Internal server error"\}\n$/],
      'retry-after': [/^2$/, null],
    },
  },
  {
    side: 'start-api',
    scenarios: GATEWAY_ANSWERS,
    why: 'sam ignores GatewayResponses and their headers',
    parts: {
      'access-control-allow-origin': [/^\*$/, null],
      'cache-control': [/^no-store$/, null],
      'content-length': [/^\d+$/, /^\d+$/],
      'content-type': [PROBLEM, /^application\/json$/],
      'x-amzn-errortype': [ANY, null],
      'x-request-id': [ANY, null],
    },
  },
];
