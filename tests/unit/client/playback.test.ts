import { openPlayback, type PlaybackOptions, PlaybackRefused, RequestFailed } from '../../../client/src/playback.ts';

/* The client alone, with a scripted network and scripted timers. tests/e2e/playback.test.ts runs it in a browser. */

const FOLDER = 'https://media.example.com/media/sound/abc/';
const SECOND = 1000;

/** A scripted server, and a device whose time moves only by hand. */
class Stage {
  /** By the monotonic clock. */
  ms = 0;
  /** How far the wall clock is ahead of it. */
  wallAheadMs = Date.UTC(2026, 0, 1);
  answer: () => Response | Promise<Response> = () => this.granted();
  readonly asked: { readonly url: string; readonly authorization: string | null }[] = [];
  readonly events: string[] = [];
  timer: { readonly callback: () => void; readonly atMs: number } | null = null;
  #grants = 0;

  granted(expiresIn = 1000): Response {
    this.#grants += 1;
    return Response.json({ kind: 'hls', url: `${FOLDER}master.m3u8`, expiresIn, query: `Signature=${this.#grants}` });
  }

  open(options: Partial<PlaybackOptions> = {}) {
    return openPlayback({
      baseUrl: 'https://api.example.com/v1',
      courseId: 'sound',
      lessonId: 'clap',
      accessToken: async (renewed) => (renewed ? 'new' : 'old'),
      onRenewed: ({ query }) => this.events.push(`renewed ${query}`),
      onRefused: ({ status }) => this.events.push(`refused ${status}`),
      fetch: async (url, { headers }) => {
        this.asked.push({ url, authorization: new Headers(headers).get('Authorization') });
        return this.answer();
      },
      monotonic: () => this.ms,
      now: () => this.ms + this.wallAheadMs,
      // The longest wait that the jitter allows.
      random: () => 1,
      schedule: (callback, delayMs) => {
        const timer = { callback, atMs: this.ms + delayMs };
        this.timer = timer;
        return () => {
          if (this.timer === timer) this.timer = null;
        };
      },
      ...options,
    });
  }

  /** Moves time to the next timer, and waits for what it starts. */
  async wake({ earlyMs = 0 } = {}): Promise<void> {
    const { timer } = this;
    if (timer === null) throw new Error('There is no timer');
    this.timer = null;
    this.ms = timer.atMs - earlyMs;
    timer.callback();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const refusal = (status: number) => () =>
  Response.json({ type: 'urn:lectern:problem:no', title: 'No', status, code: 'no' }, { status });

function unavailable({ retryAfter }: { readonly retryAfter: number }) {
  return () => new Response('{}', { status: 503, headers: { 'Retry-After': String(retryAfter) } });
}

describe('playback', () => {
  it('requests a grant with the learner’s token, and without one for a preview', async () => {
    const stage = new Stage();
    await stage.open();
    await stage.open({ accessToken: null });
    expect(stage.asked).toEqual([
      { url: 'https://api.example.com/v1/courses/sound/lessons/clap/media-url', authorization: 'Bearer old' },
      { url: 'https://api.example.com/v1/courses/sound/previews/clap/media-url', authorization: null },
    ]);
  });

  it('retries once with a new token when the old one is rejected', async () => {
    const stage = new Stage();
    stage.answer = () => (stage.asked.length === 1 ? refusal(401)() : stage.granted());
    await stage.open();
    expect(stage.asked.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('signs only the URLs of the stream', async () => {
    const playback = await new Stage().open();
    expect(playback.sign(`${FOLDER}360p/0.ts`)).toBe(`${FOLDER}360p/0.ts?Signature=1`);
    expect(playback.sign(`${FOLDER}360p/0.ts?Signature=0`)).toBe(`${FOLDER}360p/0.ts?Signature=1`);
    expect(playback.sign('https://elsewhere.example.com/x.ts')).toBe('https://elsewhere.example.com/x.ts');
  });

  it('renews each grant after three quarters of its lifetime', async () => {
    const stage = new Stage();
    const playback = await stage.open();
    await stage.wake();
    expect(stage.ms).toBe(750 * SECOND);
    expect(playback.sign(`${FOLDER}0.ts`)).toBe(`${FOLDER}0.ts?Signature=2`);
    await stage.wake();
    expect([stage.ms, stage.events]).toEqual([1500 * SECOND, ['renewed Signature=2', 'renewed Signature=3']]);
  });

  it('renews on time when its timer fires early', async () => {
    const stage = new Stage();
    await stage.open();
    await stage.wake({ earlyMs: 1 });
    expect([stage.asked.length, stage.timer?.atMs]).toEqual([1, 750 * SECOND]);
    await stage.wake();
    expect(stage.events).toEqual(['renewed Signature=2']);
  });

  it('retries with backoff while the server is unavailable, and keeps the old grant', async () => {
    const stage = new Stage();
    const playback = await stage.open();
    const answers = [
      () => Promise.reject(new TypeError('no network')),
      refusal(503),
      refusal(429),
      () => stage.granted(),
    ];
    stage.answer = () => (answers.shift() ?? refusal(500))();
    for (const atMs of [750, 751, 753, 757].map((seconds) => seconds * SECOND)) {
      expect(playback.grant().query).toBe('Signature=1');
      await stage.wake();
      expect(stage.ms).toBe(atMs);
    }
    expect(stage.events).toEqual(['renewed Signature=2']);
  });

  it.each([401, 403, 404])('reports the refusal and stops when the answer is %i', async (status) => {
    const stage = new Stage();
    await stage.open();
    stage.answer = refusal(status);
    await stage.wake();
    expect([stage.events, stage.timer]).toEqual([[`refused ${status}`], null]);
  });

  it('does not open when the grant is refused or the server is unavailable', async () => {
    const stage = new Stage();
    stage.answer = refusal(403);
    await expect(stage.open()).rejects.toMatchObject({ status: 403, problem: { code: 'no' } });
    await expect(stage.open()).rejects.toBeInstanceOf(PlaybackRefused);
    stage.answer = unavailable({ retryAfter: 30 });
    await expect(stage.open()).rejects.toBeInstanceOf(RequestFailed);
    await expect(stage.open()).rejects.toMatchObject({ retryAfterMs: 30 * SECOND });
    expect(stage.timer).toBeNull();
  });

  it.each([
    ['a proxy’s page', () => new Response('404 page not found', { status: 404 })],
    ['a portal’s page in place of a refusal', () => new Response('<html>Sign in</html>', { status: 403 })],
    ['a portal’s page in place of a grant', () => new Response('<html>Sign in</html>')],
    ['a proxy’s timeout', () => new Response('', { status: 408 })],
    ['someone else’s JSON', () => Response.json({ portal: true })],
    ['someone else’s problem', () => Response.json({ type: 'about:blank', status: 401 }, { status: 401 })],
    [
      'a problem under another status',
      () => Response.json({ type: 'urn:lectern:problem:no', status: 403 }, { status: 404 }),
    ],
    ['a grant without its time', () => Response.json({ kind: 'hls', url: `${FOLDER}master.m3u8`, query: '' })],
    ['a grant without an address', () => Response.json({ kind: 'hls', url: null, expiresIn: 1000, query: '' })],
    ['a grant of an unknown kind', () => Response.json({ kind: 'tape', url: FOLDER, expiresIn: 1000 })],
    [
      'a grant under an error’s status',
      () => Response.json({ kind: 'hls', url: FOLDER, expiresIn: 1 }, { status: 500 }),
    ],
  ])('retries after %s', async (_, answer) => {
    const stage = new Stage();
    const playback = await stage.open();
    stage.answer = answer;
    await stage.wake();
    await stage.wake();
    expect([stage.events, playback.grant().query]).toEqual([[], 'Signature=1']);
    stage.answer = () => stage.granted();
    await stage.wake();
    expect(stage.events).toEqual(['renewed Signature=2']);
  });

  it('asks for a new token only when the server itself rejects one', async () => {
    const stage = new Stage();
    await stage.open();
    stage.answer = () => new Response('Sign in to the network', { status: 401 });
    await stage.wake();
    expect(stage.asked.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer old']);
  });

  it('tells which token was rejected', async () => {
    const stage = new Stage();
    const calls: unknown[] = [];
    stage.answer = () => (stage.asked.length === 1 ? refusal(401)() : stage.granted());
    await stage.open({
      accessToken: async (...request) => {
        calls.push(request);
        return `token ${calls.length}`;
      },
    });
    expect(calls).toEqual([[false], [true, 'token 1']]);
  });

  it('is refused, with the reason, once the learner is signed out', async () => {
    const stage = new Stage();
    const reason = Object.assign(new Error('The password was changed'), { name: 'SignedOut' });
    let isSignedOut = false;
    const refusals: PlaybackRefused[] = [];
    const options: Partial<PlaybackOptions> = {
      accessToken: () => (isSignedOut ? Promise.reject(reason) : Promise.resolve('old')),
      onRefused: (refusal) => refusals.push(refusal),
    };
    await stage.open(options);
    isSignedOut = true;
    await stage.wake();
    expect(refusals).toEqual([expect.any(PlaybackRefused)]);
    expect(refusals[0]).toMatchObject({ status: 401, problem: reason });
    expect([stage.asked.length, stage.timer]).toEqual([1, null]);
    await expect(stage.open(options)).rejects.toBeInstanceOf(PlaybackRefused);
  });

  it('retries when the access token cannot be renewed for now', async () => {
    const stage = new Stage();
    let token: () => Promise<string> = async () => 'old';
    await stage.open({ accessToken: () => token() });
    token = () => Promise.reject(new RequestFailed('unavailable', 20 * SECOND));
    await stage.wake();
    expect(stage.timer?.atMs).toBeGreaterThanOrEqual((750 + 20) * SECOND);
    token = async () => 'new';
    await stage.wake();
    expect(stage.events).toEqual(['renewed Signature=2']);
  });

  it('does not ask before the time that the server asked to wait, whoever wants a grant', async () => {
    const stage = new Stage();
    const playback = await stage.open();
    stage.answer = unavailable({ retryAfter: 30 });
    await stage.wake();
    expect(stage.timer?.atMs).toBe((750 + 33) * SECOND);
    stage.answer = () => stage.granted();
    stage.ms += 29 * SECOND;
    await playback.renewIfDue();
    await expect(playback.renew()).rejects.toMatchObject({ name: 'RequestFailed', retryAfterMs: SECOND });
    expect(stage.asked).toHaveLength(2);
    stage.ms += SECOND;
    await playback.renewIfDue();
    expect([stage.asked.length, stage.events]).toEqual([3, ['renewed Signature=2']]);
  });

  it('spreads the retries of devices that failed together', async () => {
    const stage = new Stage();
    await stage.open({ random: () => 0 });
    stage.answer = refusal(503);
    await stage.wake();
    expect(stage.timer?.atMs).toBe(750.5 * SECOND);
  });

  it('waits at most a minute for the next retry, however often it failed', async () => {
    const stage = new Stage();
    await stage.open();
    stage.answer = refusal(503);
    for (let failure = 0; failure < 20; failure += 1) await stage.wake();
    const failedAt = stage.ms;
    expect(stage.timer?.atMs).toBe(failedAt + 60 * SECOND);
  });

  it('goes on until there is a grant after a renewal that was asked for early has failed', async () => {
    const stage = new Stage();
    const playback = await stage.open();
    stage.ms = 10 * SECOND;
    stage.answer = () => Promise.reject(new TypeError('no network'));
    await expect(playback.renew()).rejects.toBeInstanceOf(RequestFailed);
    stage.answer = () => stage.granted();
    await stage.wake();
    expect([stage.ms, stage.events]).toEqual([11 * SECOND, ['renewed Signature=2']]);
  });

  it('reports the refusal of a renewal that was asked for, and continues once the server grants again', async () => {
    const stage = new Stage();
    const playback = await stage.open();
    stage.answer = refusal(403);
    await expect(playback.renew()).rejects.toBeInstanceOf(PlaybackRefused);
    await playback.renewIfDue();
    expect([stage.asked.length, stage.events, stage.timer]).toEqual([2, ['refused 403'], null]);
    stage.answer = () => stage.granted();
    await playback.renew();
    await stage.wake();
    expect(stage.events).toEqual(['refused 403', 'renewed Signature=2', 'renewed Signature=3']);
  });

  it('pauses before it renews a grant that ends at once', async () => {
    const stage = new Stage();
    stage.answer = () => stage.granted(0);
    await stage.open();
    expect(stage.timer?.atMs).toBe(SECOND);
  });

  it('makes one request for concurrent renewals, and schedules the next renewal from it', async () => {
    const stage = new Stage();
    const playback = await stage.open();
    stage.ms = 100 * SECOND;
    const grants = await Promise.all([playback.renew(), playback.renew(), playback.renew()]);
    expect(new Set(grants.map(({ query }) => query))).toEqual(new Set(['Signature=2']));
    await playback.renewIfDue();
    expect([stage.asked.length, stage.timer?.atMs]).toEqual([2, 850 * SECOND]);
  });

  it('renews when the app returns to the foreground after a sleep', async () => {
    const stage = new Stage();
    const playback = await stage.open();
    stage.ms = 3600 * SECOND;
    await playback.renewIfDue();
    expect(stage.events).toEqual(['renewed Signature=2']);
  });

  it('renews after a sleep during which the monotonic clock and the timers stood still', async () => {
    const stage = new Stage();
    const playback = await stage.open();
    stage.ms = 10 * SECOND;
    stage.wallAheadMs += 750 * SECOND;
    await playback.renewIfDue();
    expect(stage.events).toEqual(['renewed Signature=2']);
  });

  it.each([-365, -1, 1, 365])('keeps renewing in time when the clock is set by %i days', async (days) => {
    const stage = new Stage();
    const playback = await stage.open();
    stage.wallAheadMs += days * 24 * 3600 * SECOND;
    await playback.renewIfDue();
    const renewals = stage.events.length;
    // A clock that was set forward cannot be told from a sleep.
    expect(renewals).toBe(days > 0 ? 1 : 0);
    await stage.wake();
    await stage.wake();
    expect([stage.events.length, stage.ms]).toEqual([renewals + 2, 1500 * SECOND]);
  });

  it('does nothing after it is stopped, even when an answer arrives', async () => {
    const stage = new Stage();
    const playback = await stage.open();
    const renewing = playback.renew();
    playback.stop();
    await renewing;
    expect([stage.events, stage.timer]).toEqual([[], null]);
  });
});
