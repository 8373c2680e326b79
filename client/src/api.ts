import { untilAborted } from './api/abort.ts';
import { addressOf, type Parameters } from './api/address.ts';
import type { Api, Result } from './api/calls.ts';
import { ROUTES } from './api/routes.ts';
import type { Problem } from './api/schema.ts';
import { backoffMs } from './platform/backoff.ts';
import {
  type AccessToken,
  type Answer,
  exchange,
  type Fetch,
  isObject,
  problemOf,
  REQUEST_TIMEOUT_MS,
  RequestFailed,
} from './platform/http.ts';
import { TimeLimitExceeded, withinTime } from './platform/time-limit.ts';

/*
 * Typed calls of every route. A problem of the server is data, in `error`. Anything else that is no answer of the server
 * throws RequestFailed: no network, a time limit, or something that answered in its place.
 */

export type { Api, Data, Init, Result } from './api/calls.ts';
export type * from './api/schema.ts';
export { type AccessToken, type Answer, type Fetch, RequestFailed } from './platform/http.ts';

export interface ApiOptions {
  /** Such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  /** Without it, only routes that need no sign-in succeed. */
  readonly accessToken?: AccessToken | null;
  /** How often a request that is safe to repeat is sent, at most. 3 by default. */
  readonly attempts?: number;
  readonly fetch?: Fetch;
  /** For tests: waits between two attempts. */
  readonly wait?: (ms: number) => Promise<unknown>;
}

/** The longest wait between two attempts. If the server asks for more, the app gets its problem at once. */
const LONGEST_WAIT_MS = 10_000;

interface Call {
  readonly url: string;
  readonly method: string;
  readonly text: string | null;
  readonly signal: AbortSignal | null;
  readonly takesToken: boolean;
  readonly isRepeatable: boolean;
  /** Of a success. */
  readonly status: number;
  /** Members of the body of a success. */
  readonly members: readonly string[];
}

interface AnyInit {
  readonly params?: Parameters;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Creates a function for each HTTP method, such as `api.GET('/courses/{courseId}', { params: { path: { courseId } } })`. */
export function createApi(options: ApiOptions): Api {
  const {
    baseUrl,
    accessToken,
    attempts = 3,
    fetch: send = (url, init) => fetch(url, init),
    wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  } = options;

  const of = (method: string) => async (path: string, init?: AnyInit) => {
    const call = callOf(baseUrl, method, path, init);
    return untilAborted(call.signal, () => perform(call));
  };

  /** Sends a request until there is a result, or nothing to gain by another attempt. */
  async function perform(call: Call): Promise<Result<unknown>> {
    for (let failures = 1; ; failures++) {
      const outcome = await sendWithToken(call).catch(requestFailed);
      const { retryAfterMs } = outcome instanceof RequestFailed ? outcome : outcome.response;
      const isLast = failures >= attempts || retryAfterMs > LONGEST_WAIT_MS || call.signal?.aborted === true;
      if (!call.isRepeatable || isLast || !mayPass(outcome)) {
        if (outcome instanceof RequestFailed) throw outcome;
        return outcome;
      }
      await wait(backoffMs(failures, LONGEST_WAIT_MS, retryAfterMs, Math.random()));
    }
  }

  /** Sends a request, and again with a renewed access token if the server refuses the first one. */
  async function sendWithToken(call: Call): Promise<Result<unknown>> {
    if (!call.takesToken || !accessToken) return sendOnce(call);
    const token = await inTime(accessToken(false));
    const result = await sendOnce(call, token);
    return isRefusal(result.error) ? sendOnce(call, await inTime(accessToken(true, token))) : result;
  }

  async function sendOnce(call: Call, token?: string): Promise<Result<unknown>> {
    const { url, method, text, signal } = call;
    const headers = {
      ...(text !== null && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    };
    return resultOf(call, await exchange(send, url, { method, headers, body: text, signal }));
  }

  return { GET: of('GET'), POST: of('POST'), PUT: of('PUT'), PATCH: of('PATCH'), DELETE: of('DELETE') } as Api;
}

/** @throws TypeError if there is no such route */
function callOf(baseUrl: string, method: string, path: string, { params = {}, body, signal }: AnyInit = {}): Call {
  const route = ROUTES[`${method} ${path}`]?.split(' ');
  if (route === undefined) throw new TypeError(`There is no route ${method} ${path}`);
  const takesToken = route[0] === 'token';
  const [status, ...members] = takesToken ? route.slice(1) : route;
  return {
    url: baseUrl.replace(/\/$/, '') + addressOf(path, params),
    method,
    text: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
    takesToken,
    isRepeatable: method === 'GET' || isIdentified(body),
    status: Number(status),
    members,
  };
}

/** Whether the server recognizes a repetition of the request, by the id of an event or of an attempt. */
function isIdentified(body: unknown): boolean {
  return isObject(body) && Boolean(body['eventId'] ?? body['events'] ?? body['attemptId']);
}

/** @throws RequestFailed if the answer is not the server's */
function resultOf({ status, members }: Call, response: Answer): Result<unknown> {
  const error = problemOf(response) as Problem | null;
  if (error !== null) return { error, response };
  const { body } = response;
  const isExpected = members.length === 0 || (isObject(body) && members.every((name) => name in body));
  if (response.status === status && isExpected) return { data: body, response };
  throw new RequestFailed(`Something else answered, with status ${response.status}`, response.retryAfterMs);
}

/** Whether the server refused the access token, and not a password in the body. */
function isRefusal(problem: Problem | undefined): boolean {
  return problem?.status === 401 && problem.code !== 'invalid-credentials';
}

/** Whether the same request may succeed later. */
function mayPass(outcome: Result<unknown> | RequestFailed): boolean {
  if (outcome instanceof RequestFailed) return true;
  const { status = 0 } = outcome.error ?? {};
  return status === 429 || status > 500;
}

function requestFailed(error: unknown): RequestFailed {
  if (error instanceof RequestFailed) return error;
  throw error;
}

async function inTime(token: Promise<string>): Promise<string> {
  try {
    return await withinTime(REQUEST_TIMEOUT_MS, token);
  } catch (error) {
    throw error instanceof TimeLimitExceeded ? new RequestFailed('No access token came', 0, { cause: error }) : error;
  }
}
