/*
 * Keeps a playback grant valid while a lesson plays: asks for it, renews it in time, and signs what a player asks
 * for. It depends on nothing, so it can be copied into an app as it is. What it relies on is in docs/media.md.
 */

/** What is used here of a grant, and what a player wants of it besides; the rest of it is handed on. */
export interface Grant {
  readonly kind: 'progressive' | 'hls';
  readonly url: string;
  /** Seconds from the answer to the end: the clock of the device may be wrong. */
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
  /** The access token; asked for `renewed` when the server no longer takes the one it gave. Null to play a preview. */
  readonly accessToken: ((renewed: boolean) => Promise<string>) | null;
  /** Called with each later grant. A player of a stream needs nothing of it; one of a file takes its `url` when it must. */
  readonly onRenewed?: (grant: Grant) => void;
  /** Told that there will be no further grant, and why: signed out, no longer allowed, gone. */
  readonly onRefused?: (problem: PlaybackRefused) => void;
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** Milliseconds that go on however the clock is set, from any start. */
  readonly monotonic?: () => number;
  /** Calls back after so many milliseconds, and answers how to call that off. */
  readonly schedule?: (callback: () => void, delayMs: number) => () => void;
}

export interface Playback {
  /** The grant there is now. */
  grant(): Grant;
  /** The address a player should ask for in place of one of the stream's; any other stays as it is. */
  sign(url: string): string;
  /**
   * Gets the next grant now: after a `403` of the CDN. Asked for twice at once it is got once.
   * @throws PlaybackRefused if the server refuses one; any other error if the request fails.
   */
  renew(): Promise<Grant>;
  /** Gets the next grant if it is time: when the app comes to the front, since timers stand still meanwhile. */
  renewIfDue(): Promise<void>;
  stop(): void;
}

/** The server refuses. Trying again does not help. */
export class PlaybackRefused extends Error {
  override readonly name = 'PlaybackRefused';
  readonly status: number;
  /** The problem, as the server says it (docs/problems.md). */
  readonly problem: unknown;

  constructor(status: number, problem: unknown) {
    super(`The server answered ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** How much of its life a grant has had when it is renewed. */
const RENEW_AT = 0.75;

const REQUEST_TIMEOUT_MS = 30_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
/** Timers take no more, and call back at once when given more. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Begins to play a lesson.
 * @throws as `renew` does
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
  let callOff = () => {};
  planRenewal();

  async function request(): Promise<Grant> {
    let answer = await ask(false);
    if (answer.status === 401 && accessToken !== null) answer = await ask(true);
    if (answer.ok) return (await answer.json()) as Grant;
    // 4xx is about this request; of those only "too many" passes by itself.
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
        planRenewal();
        if (!stopped) onRenewed?.(grant);
        return grant;
      })
      .finally(() => {
        renewing = undefined;
      });
    return renewing;
  }

  function planRenewal(): void {
    const delayMs = current.expiresIn * 1000 * RENEW_AT;
    dueAtMs = monotonic() + delayMs;
    wakeIn(delayMs);
  }

  function wakeIn(delayMs: number): void {
    callOff();
    if (!stopped) callOff = schedule(wake, Math.min(delayMs, LONGEST_TIMER_MS));
  }

  /** A timer may call back before its time is over on the other clock, which browsers make coarse: then it goes on. */
  function wake(): void {
    const leftMs = dueAtMs - monotonic();
    if (leftMs > 0) wakeIn(leftMs);
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
        // The old grant is good for a while yet, so it is tried again, ever more rarely.
        wakeIn(retryMs);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
  }

  function stop(): void {
    stopped = true;
    callOff();
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
