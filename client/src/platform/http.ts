import { type Schedule, withinTime } from './time-limit.ts';

/*
 * Requests and answers, for all parts of the client. Something else may answer in place of the server, such as a hotel's
 * sign-in page or a proxy, so answers are recognized by their form and never by their status alone.
 */

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Returns the access token of the learner. Called with `renewed` after the server has refused `refused`.
 * @throws SignedOut if the learner must sign in again
 */
export type AccessToken = (renewed: boolean, refused?: string) => Promise<string>;

/** The server's problem (docs/problems.md; RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  readonly [member: string]: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Undefined if it is not JSON. */
  readonly body: unknown;
  /** The server's `Retry-After`, in milliseconds; 0 if it sent none. */
  readonly retryAfterMs: number;
  /** The server's clock when it answered, in milliseconds; null if unknown, as in browsers that hide the header. */
  readonly dateMs: number | null;
}

/** The server could not be reached, or something else answered in its place. Retrying may help. */
export class RequestFailed extends Error {
  override readonly name: string = 'RequestFailed';
  /** The server's `Retry-After`, in milliseconds; 0 if it sent none. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs = 0, options?: ErrorOptions) {
    super(message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** The server always answers within this time. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** Limits `Retry-After`: timers support at most 24 days, and call back at once after a longer delay. */
const LONGEST_WAIT_MS = 24 * 3600_000;

/**
 * Sends a request and reads the whole answer. A signal in `init` aborts it.
 * @param read reads something else than JSON. It throws if the answer is not what was asked for.
 * @throws RequestFailed if no answer comes within the time limit, even if `send` ignores its signal
 */
export function exchange(
  send: Fetch,
  url: string,
  init: RequestInit,
  timeoutMs?: number,
  schedule?: Schedule,
): Promise<Answer>;
export function exchange<Content>(
  send: Fetch,
  url: string,
  init: RequestInit,
  timeoutMs: number,
  schedule: Schedule | undefined,
  read: (response: Response) => Promise<Content>,
): Promise<Content>;
export async function exchange(
  send: Fetch,
  url: string,
  init: RequestInit,
  timeoutMs: number = REQUEST_TIMEOUT_MS,
  schedule?: Schedule,
  read: (response: Response) => Promise<unknown> = readAnswer,
): Promise<unknown> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  init.signal?.addEventListener('abort', abort);
  try {
    return await withinTime(timeoutMs, send(url, { ...init, signal: controller.signal }).then(read), schedule);
  } catch (cause) {
    throw new RequestFailed('No answer came', 0, { cause });
  } finally {
    init.signal?.removeEventListener('abort', abort);
    abort();
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const dateMs = Date.parse(headers.get('Date') ?? '');
  return {
    status,
    headers,
    retryAfterMs: retryAfterMsOf(headers.get('Retry-After')),
    dateMs: Number.isNaN(dateMs) ? null : dateMs,
    body: jsonOf(await response.text()),
  };
}

function retryAfterMsOf(header: string | null): number {
  const seconds = Number(header ?? 0);
  return seconds > 0 ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : 0;
}

/** Returns undefined for a text that is not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the server's problem. Null if the answer is something else. */
export function problemOf({ status, body }: Answer): Problem | null {
  const isProblem =
    isObject(body) && String(body['type']).startsWith('urn:lectern:problem:') && body['status'] === status;
  return isProblem ? (body as unknown as Problem) : null;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
