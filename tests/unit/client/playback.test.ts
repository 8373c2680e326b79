import { openPlayback, type PlaybackOptions, PlaybackRefused } from '../../../client/src/playback.ts';

/* The client alone, with a scripted network and scripted timers. tests/e2e/playback.test.ts runs it in a browser. */

const FOLDER = 'https://media.example.com/media/sound/abc/';
const SECOND = 1000;

/** A scripted server, and a device whose time moves only by hand. */
class Stage {
  ms = 0;
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

const refusal = (status: number) => () => Response.json({ code: 'no' }, { status });

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
    stage.answer = refusal(503);
    await expect(stage.open()).rejects.not.toBeInstanceOf(PlaybackRefused);
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

  it('does nothing after it is stopped, even when an answer arrives', async () => {
    const stage = new Stage();
    const playback = await stage.open();
    const renewing = playback.renew();
    playback.stop();
    await renewing;
    expect([stage.events, stage.timer]).toEqual([[], null]);
  });
});
