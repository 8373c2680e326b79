/** How a request fares: a function answers, one fails, the gateway answers, or what is unusual about it. */
export type Occasion =
  | 'route'
  | 'route, asked for fresh'
  | 'route, needlessly encoded path'
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

/** What the local gateway says and what sam says. Null for a missing header. */
type Values = readonly [gateway: RegExp | null, sam: RegExp | null];

/** A difference that is due to sam. */
export interface Difference {
  readonly side: Side;
  readonly occasions: readonly Occasion[];
  readonly why: string;
  /** By part: `status`, `body`, or the name of a header. */
  readonly parts: Readonly<Record<string, Values>>;
}

const CACHED: readonly Occasion[] = ['route', 'route, asked for fresh', 'route, needlessly encoded path'];
const FROM_A_FUNCTION: readonly Occasion[] = [...CACHED, 'route, malformed encoding', 'route, not modified'];
const NOT_AUTHORIZED: readonly Occasion[] = ['no token', 'token refused', 'access denied', 'authorizer failure'];
const FROM_THE_GATEWAY: readonly Occasion[] = [...NOT_AUTHORIZED, 'failure', 'unknown route', 'HEAD'];
const EVERY: readonly Occasion[] = [...FROM_A_FUNCTION, ...FROM_THE_GATEWAY, 'preflight'];

const ANY = /^/;
const PROBLEM = /^application\/problem\+json$/;

/** Every difference that sam may have. Any other is a fault, here or there. */
export const DIFFERENCES: readonly Difference[] = [
  {
    side: 'invoke',
    occasions: ['route'],
    why: 'sam local invoke shows what the function returned; these headers are added on the way to the client',
    parts: {
      'content-length': [/^\d+$/, null],
      date: [ANY, null],
      'x-amz-apigw-id': [ANY, null],
      'x-amzn-requestid': [ANY, null],
    },
  },
  {
    side: 'invoke',
    occasions: ['route'],
    why: 'sam local invoke calls the function without an API in front, so there is no stage cache',
    parts: { 'x-cache': [/^(hit|miss)$/, null] },
  },
  {
    side: 'start-api',
    occasions: CACHED,
    why: 'sam has no stage cache: it runs the function for every request',
    parts: { 'x-cache': [/^(hit|miss)$/, null] },
  },
  {
    side: 'start-api',
    occasions: ['route, asked for fresh'],
    why: 'sam has no stage cache, so it has no warning for a client that may not bypass it',
    parts: { warning: [/^199 /, null] },
  },
  {
    side: 'start-api',
    occasions: EVERY,
    why: "sam does not send API Gateway's own ids, and names its web server",
    parts: {
      server: [null, /^Werkzeug/],
      'x-amz-apigw-id': [ANY, null],
      'x-amzn-requestid': [ANY, null],
    },
  },
  {
    side: 'start-api',
    occasions: FROM_A_FUNCTION,
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
    occasions: ['route'],
    why: 'sam hands on WWW-Authenticate of a function as it is; API Gateway does so under another name',
    parts: {
      'www-authenticate': [null, /^Bearer/],
      'x-amzn-remapped-www-authenticate': [/^Bearer/, null],
    },
  },
  {
    side: 'start-api',
    occasions: ['route, not modified'],
    why: 'sam drops from a 304 what describes a body; API Gateway hands on the Content-Type of a function, as it does of any answer',
    parts: { 'content-type': [/^application\/rss\+xml; charset=utf-8$/, null] },
  },
  {
    side: 'start-api',
    occasions: ['preflight'],
    why: "sam answers a preflight itself, with nothing in it; API Gateway's mock integration answers with an empty object",
    parts: {
      body: [/^\{\}\n$/, /^$/],
      'content-length': [/^3$/, /^0$/],
      'content-type': [/^application\/json$/, /^text\/html/],
    },
  },
  {
    side: 'start-api',
    occasions: ['preflight'],
    why: 'sam sorts the methods it allows',
    parts: {
      'access-control-allow-methods': [/^GET,POST,PUT,PATCH,DELETE,OPTIONS$/, /^DELETE,GET,OPTIONS,PATCH,POST,PUT$/],
    },
  },
  {
    side: 'start-api',
    occasions: ['unknown route'],
    why: 'sam ignores GatewayResponses: an unknown route gets the 403 that API Gateway has by default',
    parts: {
      status: [/^404$/, /^403$/],
      body: [/"code":"not-found"/, /^\{"message":"Missing Authentication Token"\}\n$/],
    },
  },
  {
    side: 'start-api',
    occasions: ['HEAD'],
    why: 'sam takes HEAD wherever there is GET, and then finds no route for it; API Gateway has no HEAD unless it is declared',
    parts: { status: [/^404$/, /^502$/] },
  },
  {
    side: 'start-api',
    occasions: ['route, needlessly encoded path'],
    why: 'sam decodes path parameters; API Gateway hands them on as they were sent, and such a path is no slug',
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
    occasions: ['route, malformed encoding'],
    why: 'sam hands malformed percent-encoding to the function as text; API Gateway refuses the request',
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
    occasions: ['failure'],
    why: 'sam ignores GatewayResponses: a function that throws is a bare 500, where API Gateway has a 502 and the template makes it a 503',
    parts: {
      status: [/^503$/, /^500$/],
      body: [/"code":"unavailable"/, /^\{"message":"Internal server error"\}\n$/],
      'retry-after': [/^2$/, null],
    },
  },
  {
    side: 'start-api',
    occasions: ['no token'],
    why: 'sam ignores GatewayResponses: a request without a token gets the 401 that API Gateway has by default',
    parts: {
      body: [/"code":"invalid-token"/, /^\{"message":"Unauthorized"\}\n$/],
      'www-authenticate': [/^Bearer error="invalid_token"$/, null],
    },
  },
  {
    side: 'start-api',
    occasions: ['token refused'],
    why: 'sam takes every error of an authorizer for a failure, and answers 502; API Gateway answers Unauthorized with 401',
    parts: {
      status: [/^401$/, /^502$/],
      body: [/"code":"invalid-token"/, /^\{"message":"Internal server error"\}\n$/],
      'www-authenticate': [/^Bearer error="invalid_token"$/, null],
    },
  },
  {
    side: 'start-api',
    occasions: ['access denied'],
    why: 'sam ignores GatewayResponses: who is denied gets the 403 that API Gateway has by default',
    parts: { body: [/"code":"forbidden"/, /^\{"message":"User is not authorized to access this resource"\}\n$/] },
  },
  {
    side: 'start-api',
    occasions: ['authorizer failure'],
    why: 'sam ignores GatewayResponses: an authorizer that fails is a bare 502, where API Gateway has a 500 and the template makes it a 503',
    parts: {
      status: [/^503$/, /^502$/],
      body: [/"code":"unavailable"/, /^\{"message":"Internal server error"\}\n$/],
      'retry-after': [/^2$/, null],
    },
  },
  {
    side: 'start-api',
    occasions: FROM_THE_GATEWAY,
    why: 'sam ignores GatewayResponses, and so the headers that go with them',
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
