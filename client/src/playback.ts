import { backoffMs } from './platform/backoff.ts';
import { scheduleByTimer, stopwatchesOf } from './platform/clocks.ts';
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
import { type Schedule, withinTime } from './platform/time-limit.ts';

export { RequestFailed };

/*
 * Keeps a playback grant valid while a lesson plays: requests it, renews it in time, and signs the player's requests.
 * docs/media.md describes the server's side.
 */

/** The members of a grant that the client uses. The others are passed on. */
export interface Grant {
  readonly kind: 'progressive' | 'hls';
  readonly url: string;
  /** Seconds from the answer to the expiry, because the device's clock may be wrong. */
  readonly expiresIn: number;
  readonly durationSeconds?: number | null;
  readonly query?: string;
  readonly cookies?: readonly GrantCookie[];
  readonly captions: readonly { readonly language: string; readonly label: string; readonly url: string }[];
  readonly [member: string]: unknown;
}

interface GrantCookie extends Readonly<Record<'name' | 'value' | 'domain' | 'path' | 'sameSite', string>> {
  readonly secure: boolean;
}

export interface PlaybackOptions {
  /** Such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  readonly courseId: string;
  readonly lessonId: string;
  /** Returns the access token of one learner. Null to play a preview. */
  readonly accessToken: AccessToken | null;
  /** Called with each later grant. */
  readonly onRenewed?: (grant: Grant) => void;
  /** Called when the server refuses the next grant, with the reason: signed out, no longer allowed, gone. */
  readonly onRefused?: (refusal: PlaybackRefused) => void;
  readonly fetch?: Fetch;
  /** The device's clock, in milliseconds. */
  readonly now?: () => number;
  /** Milliseconds since any start, unaffected by changes of the clock. May stop while the device sleeps. */
  readonly monotonic?: () => number;
  readonly random?: () => number;
  /** Calls back after `delayMs` or sooner, and returns a function that cancels it. */
  readonly schedule?: Schedule;
}

export interface Playback {
  /** Returns the current grant. */
  grant(): Grant;
  /** Returns the signed form of an address of the stream, and other addresses unchanged. */
  sign(url: string): string;
  /**
   * Requests the next grant now, such as after a failed request for media. Concurrent calls share one request. After a
   * failure, the request is retried until there is a grant, so wait for `onRenewed`.
   * @throws PlaybackRefused if the server refuses
   * @throws RequestFailed if no answer of the server came, or it has asked to wait
   */
  renew(): Promise<Grant>;
  /** Requests the next grant if it is due. Call it when the app comes to the front, because timers stop in the background. */
  renewIfDue(): Promise<void>;
  /** Ends renewals for good. */
  stop(): void;
}

/** The server refuses, or the learner is signed out. Retrying does not help. */
export class PlaybackRefused extends Error {
  override readonly name = 'PlaybackRefused';
  /** 401 if the learner is signed out. */
  readonly status: number;
  /** The server's problem (docs/problems.md), or what the access token's function threw. */
  readonly problem: unknown;

  constructor(status: number, problem: unknown) {
    super(`Playback was refused with ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** The fraction of its lifetime after which a grant is renewed. */
const RENEW_AT = 0.75;

/** A grant that ends at once must not be renewed without a pause. */
const SOONEST_RENEWAL_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

/**
 * Requests the first grant of a lesson and keeps it valid.
 * @throws PlaybackRefused if the server refuses
 * @throws RequestFailed if no answer of the server came. Its `retryAfterMs` says how long the server asks to wait
 */
export async function openPlayback(options: PlaybackOptions): Promise<Playback> {
  const { baseUrl, courseId, lessonId, accessToken, onRenewed, onRefused } = options;
  const { fetch: send = (url, init) => fetch(url, init), random = Math.random, schedule = scheduleByTimer } = options;
  const startStopwatch = stopwatchesOf(options);
  const place = accessToken === null ? 'previews' : 'lessons';
  const address = `${baseUrl}/courses/${courseId}/${place}/${lessonId}/media-url`;

  let renewing: Promise<Grant> | undefined;
  let failures = 0;
  let isRefused = false;
  let isStopped = false;
  let cancelTimer = () => {};
  /** The age at which the grant is due. */
  let dueMs = 0;
  /** How long to wait after the last failure, and how much of it the server asked for. */
  let retryMs = 0;
  let retryAfterMs = 0;
  let msSinceFailure = startStopwatch();
  let current = await request();
  let ageMs = startStopwatch();
  accept(current);

  async function request(): Promise<Grant> {
    const token = await tokenOf(accessToken, false);
    let answer = await ask(token);
    if (problemOf(answer)?.status === 401) answer = await ask(await tokenOf(accessToken, true, token));
    const problem = problemOf(answer);
    if (problem !== null && isFinal(problem.status)) throw new PlaybackRefused(problem.status, problem);
    if (isGrant(answer)) return answer.body;
    throw new RequestFailed(`No grant, but an answer with status ${answer.status}`, answer.retryAfterMs);
  }

  function ask(token: string | undefined): Promise<Answer> {
    return exchange(send, address, { headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } });
  }

  function accept(grant: Grant): void {
    current = grant;
    ageMs = startStopwatch();
    dueMs = Math.max(SOONEST_RENEWAL_MS, grant.expiresIn * 1000 * RENEW_AT);
    failures = retryMs = retryAfterMs = 0;
    isRefused = false;
    wakeAfter(dueMs);
  }

  function fail(error: unknown): never {
    isRefused = error instanceof PlaybackRefused;
    if (error instanceof PlaybackRefused) {
      cancelTimer();
      if (!isStopped) onRefused?.(error);
    } else {
      failures += 1;
      retryAfterMs = error instanceof RequestFailed ? error.retryAfterMs : 0;
      retryMs = backoffMs(failures, LONGEST_RETRY_MS, retryAfterMs, random());
      msSinceFailure = startStopwatch();
      wakeAfter(retryMs);
    }
    throw error;
  }

  async function renew(): Promise<Grant> {
    // The app has found that the current grant does not work, so attempts go on until there is another one.
    dueMs = 0;
    const waitMs = retryAfterMs - msSinceFailure();
    if (waitMs > 0) throw new RequestFailed('The server has asked to wait', waitMs);
    renewing ??= request()
      .then((grant) => {
        accept(grant);
        if (!isStopped) onRenewed?.(grant);
        return grant;
      }, fail)
      .finally(() => {
        renewing = undefined;
      });
    return renewing;
  }

  function wakeAfter(delayMs: number): void {
    cancelTimer();
    if (!isStopped) cancelTimer = schedule(wake, delayMs);
  }

  /** A timer may call back early. Then it waits for the rest. */
  function wake(): void {
    const leftMs = Math.max(dueMs - ageMs(), retryMs - msSinceFailure());
    if (leftMs > 0) wakeAfter(leftMs);
    else void renewIfDue();
  }

  async function renewIfDue(): Promise<void> {
    if (isStopped || isRefused || dueMs > ageMs()) return;
    // A refusal was reported, and after a failure there is a timer.
    await renew().catch(() => undefined);
  }

  return {
    grant: () => current,
    sign(url) {
      const { kind, url: playlist, query } = current;
      const folder = playlist.slice(0, playlist.lastIndexOf('/') + 1);
      if (kind !== 'hls' || typeof query !== 'string' || !url.startsWith(folder)) return url;
      const [address = ''] = url.split(/[?#]/);
      return `${address}?${query}`;
    },
    renew,
    renewIfDue,
    stop() {
      isStopped = true;
      cancelTimer();
    },
  };
}

/** A 4xx is about this request, and only 429 passes by itself. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

async function tokenOf(
  accessToken: AccessToken | null,
  ...request: Parameters<AccessToken>
): Promise<string | undefined> {
  if (accessToken === null) return undefined;
  try {
    return await withinTime(REQUEST_TIMEOUT_MS, accessToken(...request));
  } catch (cause) {
    if (isObject(cause) && cause['name'] === 'SignedOut') throw new PlaybackRefused(401, cause);
    throw cause instanceof RequestFailed ? cause : new RequestFailed('No access token came', 0, { cause });
  }
}

function isGrant(answer: Answer): answer is Answer & { readonly body: Grant } {
  const { status, body } = answer;
  return (
    status === 200 &&
    isObject(body) &&
    (body['kind'] === 'hls' || body['kind'] === 'progressive') &&
    /^https?:/.test(String(body['url'])) &&
    Number.isFinite(body['expiresIn'])
  );
}
