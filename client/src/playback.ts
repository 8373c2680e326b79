/*
 * Keeps a playback grant valid while a lesson plays: requests it, renews it in time, and signs the player's requests. It
 * has no dependencies, so you can copy it into an app unchanged. docs/media.md describes the server's side.
 */

/** The members of a grant that this file or a player uses. The others are passed on. */
export interface Grant {
  readonly kind: 'progressive' | 'hls';
  readonly url: string;
  /** Seconds from the answer to the expiry, because the device's clock may be wrong. */
  readonly expiresIn: number;
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
  /** Returns the access token. Called with `renewed` after the server has refused the previous one. Null to play a preview. */
  readonly accessToken: ((renewed: boolean) => Promise<string>) | null;
  /** Called with each later grant. A player of a stream can ignore it. A player of a file uses its `url` after an error. */
  readonly onRenewed?: (grant: Grant) => void;
  /** Called when there will be no further grants, with the reason: signed out, no longer allowed, gone. */
  readonly onRefused?: (problem: PlaybackRefused) => void;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds since any start, unaffected by changes of the clock. */
  readonly monotonic?: () => number;
  /** Calls back after `delayMs`, and returns a function that cancels it. */
  readonly schedule?: (callback: () => void, delayMs: number) => () => void;
}

export interface Playback {
  /** Returns the current grant. */
  grant(): Grant;
  /** Returns the signed form of an address of the stream, and other addresses unchanged. */
  sign(url: string): string;
  /**
   * Requests the next grant now, such as after a refused request for media, which in a browser looks like a failure of the
   * network. Concurrent calls share one request.
   * @throws PlaybackRefused if the server refuses one; any other error if the request fails.
   */
  renew(): Promise<Grant>;
  /** Requests the next grant if it is due. Call it when the app comes to the front, because timers stop in the background. */
  renewIfDue(): Promise<void>;
  stop(): void;
}

/** The server refuses. Retrying does not help. */
export class PlaybackRefused extends Error {
  override readonly name = 'PlaybackRefused';
  readonly status: number;
  /** The server's problem (docs/problems.md). */
  readonly problem: unknown;

  constructor(status: number, problem: unknown) {
    super(`The server answered ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** The fraction of its lifetime after which a grant is renewed. */
const RENEW_AT = 0.75;

const REQUEST_TIMEOUT_MS = 30_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
/** Timers call back at once after a longer delay. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Requests the first grant of a lesson and keeps it valid.
 * @throws like `renew`
 */
export async function openPlayback(options: PlaybackOptions): Promise<Playback> {
  const { baseUrl, courseId, lessonId, accessToken, onRenewed, onRefused } = options;
  const send = options.fetch ?? ((url, init) => fetch(url, init));
  const monotonic = options.monotonic ?? (() => performance.now());
  const schedule = options.schedule ?? defaultSchedule;
  const place = accessToken === null ? 'previews' : 'lessons';
  const address = `${baseUrl}/courses/${courseId}/${place}/${lessonId}/media-url`;

  let current = await request();
  let dueAtMs = 0;
  let renewing: Promise<Grant> | undefined;
  let retryMs = FIRST_RETRY_MS;
  let stopped = false;
  let cancelTimer = () => {};
  scheduleRenewal();

  async function request(): Promise<Grant> {
    let answer = await ask(false);
    if (answer.status === 401 && accessToken !== null) answer = await ask(true);
    if (answer.ok) return (await answer.json()) as Grant;
    // A 4xx is about this request, and only 429 passes by itself.
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
      throw new PlaybackRefused(answer.status, await answer.json().catch(() => null));
    }
    throw new Error(`The server answered ${answer.status}`);
  }

  async function ask(renewed: boolean): Promise<Response> {
    const headers = accessToken === null ? {} : { Authorization: `Bearer ${await accessToken(renewed)}` };
    return send(address, { headers, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  }

  function renew(): Promise<Grant> {
    renewing ??= request()
      .then((grant) => {
        current = grant;
        retryMs = FIRST_RETRY_MS;
        scheduleRenewal();
        if (!stopped) onRenewed?.(grant);
        return grant;
      })
      .finally(() => {
        renewing = undefined;
      });
    return renewing;
  }

  function scheduleRenewal(): void {
    const delayMs = current.expiresIn * 1000 * RENEW_AT;
    dueAtMs = monotonic() + delayMs;
    wakeAfter(delayMs);
  }

  function wakeAfter(delayMs: number): void {
    cancelTimer();
    if (!stopped) cancelTimer = schedule(wake, Math.min(delayMs, LONGEST_TIMER_MS));
  }

  /** A timer may call back early by the monotonic clock, which browsers make coarse. Then it waits for the rest. */
  function wake(): void {
    const leftMs = dueAtMs - monotonic();
    if (leftMs > 0) wakeAfter(leftMs);
    else void renewIfDue();
  }

  async function renewIfDue(): Promise<void> {
    if (stopped || monotonic() < dueAtMs) return;
    try {
      await renew();
    } catch (error) {
      if (stopped) return;
      if (error instanceof PlaybackRefused) {
        stop();
        onRefused?.(error);
      } else {
        // The old grant is still valid, so there is time to retry, with increasing delays.
        wakeAfter(retryMs);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  function stop(): void {
    stopped = true;
    cancelTimer();
  }

  return {
    grant: () => current,
    sign(url) {
      const { kind, url: playlist, query } = current;
      const folder = playlist.slice(0, playlist.lastIndexOf('/') + 1);
      if (kind !== 'hls' || query === undefined || !url.startsWith(folder)) return url;
      const [address = ''] = url.split(/[?#]/);
      return `${address}?${query}`;
    },
    renew,
    renewIfDue,
    stop,
  };
}

function defaultSchedule(callback: () => void, delayMs: number): () => void {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
}
