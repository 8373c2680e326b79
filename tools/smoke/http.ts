import { isNativeError } from 'node:util/types';
import { codeOf } from '../platform/errors.ts';
import { parseObject } from '../platform/json.ts';
import { CheckFailed } from './checks.ts';

/** An answer, and how messages name its request. */
export interface Answer {
  readonly label: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly requestId: string | null;
}

export interface ApiRequest {
  readonly accessToken?: string;
  readonly acceptEncoding?: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** The status to demand. 200 by default. */
  readonly expect?: number;
}

export interface AddressRequest extends Pick<ApiRequest, 'expect'> {
  /** Names the request in messages, because the address contains a secret. */
  readonly label: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where to stop reading. */
  readonly maxBytes?: number;
}

/** Sends requests, each once: a retry would hide a fault. */
export interface HttpClient {
  /** @throws CheckFailed if the answer does not come in time or has another status. */
  api(method: string, path: string, request?: ApiRequest): Promise<Answer>;
  /** Gets an address that an answer names. @throws as `api` */
  get(url: string, request: AddressRequest): Promise<Answer>;
}

/** Larger than any answer of API Gateway, which is at most 10 MB. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface HttpOptions {
  readonly apiUrl: string;
  /** The time limit of each request. */
  readonly timeoutMs: number;
  /** Stops before the next request, so that the outcome of the current one is known. */
  readonly signal?: AbortSignal | undefined;
}

export function createHttpClient({ apiUrl, timeoutMs, signal }: HttpOptions): HttpClient {
  async function send(url: string, init: RequestInit, { label, expect = 200, maxBytes = MAX_BYTES }: AddressRequest) {
    signal?.throwIfAborted();
    const answer = await exchange(url, init, { label, maxBytes, timeoutMs });
    if (answer.status !== expect) throw fault(answer, `${statusOf(answer)} instead of ${expect}`);
    return answer;
  }

  return {
    api(method, path, { accessToken, acceptEncoding, body, ...rest } = {}) {
      const headers = {
        ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
        ...(acceptEncoding !== undefined && { 'Accept-Encoding': acceptEncoding }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      };
      const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      return send(`${apiUrl}${path}`, init, { label: `${method} ${path}`, ...rest });
    },
    get: (url, request) => send(url, { headers: request.headers ?? {} }, request),
  };
}

async function exchange(
  url: string,
  init: RequestInit,
  { label, maxBytes, timeoutMs }: { readonly label: string; readonly maxBytes: number; readonly timeoutMs: number },
): Promise<Answer> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    // A redirect is an answer: following it could send a token elsewhere.
    const response = await fetch(url, { ...init, redirect: 'manual', signal: deadline });
    const { status, headers } = response;
    const requestId =
      headers.get('x-request-id') ?? headers.get('x-amzn-requestid') ?? headers.get('x-amz-cf-id') ?? null;
    return { label, status, headers, body: await readStart(response, maxBytes), requestId };
  } catch (error) {
    // The cause has the code of the system, such as ECONNREFUSED.
    const reason = deadline.aborted
      ? `no complete answer within ${timeoutMs / 1000} s`
      : `no answer: ${String(codeOf(isNativeError(error) ? error.cause : null) ?? 'the connection failed')}`;
    throw new CheckFailed(`${label}: ${reason}`);
  }
}

async function readStart({ body }: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the rest.
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= maxBytes) break;
  }
  return Buffer.concat(chunks);
}

export function fault(answer: Answer, what: string): CheckFailed {
  return new CheckFailed(`${answer.label}: ${what}`, answer);
}

/** The status, and the code of a problem. Nothing else of the answer, which could contain a secret. */
function statusOf({ status, body }: Answer): string {
  const code = parseObject(body.toString())?.['code'];
  return typeof code === 'string' && /^[a-z-]{1,40}$/.test(code) ? `${status} ${code}` : String(status);
}

/**
 * Returns the value at a path such as `tokens.accessToken` in a JSON answer, or undefined.
 * @throws CheckFailed if the answer is not a JSON object
 */
export function valueAt(answer: Answer, path: string): unknown {
  const object = parseObject(answer.body.toString());
  if (object === undefined) throw fault(answer, 'the answer is not a JSON object');
  return path.split('.').reduce<unknown>((value, name) => fieldsOf(value)[name], object);
}

/** @throws CheckFailed if there is no text */
export function textAt(answer: Answer, path: string): string {
  const value = valueAt(answer, path);
  if (typeof value !== 'string' || value === '') throw fault(answer, `the answer has no ${path}`);
  return value;
}

/** Returns a list of objects. @throws CheckFailed if there is none */
export function listAt(answer: Answer, path: string): readonly Readonly<Record<string, unknown>>[] {
  const value = valueAt(answer, path);
  if (!Array.isArray(value)) throw fault(answer, `the answer has no list ${path}`);
  return value.map(fieldsOf);
}

/** Returns the fields of an object, none for anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
