import type { Playback } from '../../../client/src/playback.ts';
import { playLesson } from '../../../client/src/player.ts';
import { createListeners } from '../../../client/src/playing/listeners.ts';
import { createRecovery } from '../../../client/src/playing/recovery.ts';
import type { KeyValueStorage } from '../../../client/src/storage.ts';
import { FakeMedia } from '../../support/player/fake-media.ts';

/* The parts of the player that a browser cannot show. tests/e2e/playback.test.ts plays in one. */

const FILE = 'https://media.example.com/media/sound/abc.mp3?Signature=';
const KEY = 'lectern/player/ada';

function memory(text: string | null = null): KeyValueStorage & { readonly texts: Map<string, string> } {
  const texts = new Map(text === null ? [] : [[KEY, text]]);
  return {
    texts,
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, value) => texts.set(key, value),
    removeItem: (key) => texts.delete(key),
  };
}

async function open({ storage = memory(), place = { position: 0, completed: false }, durationSeconds = 200 } = {}) {
  const media = new FakeMedia(200);
  const timers: (() => void)[] = [];
  let grants = 0;
  const player = await playLesson({
    ...{ baseUrl: 'https://api.example.com/v1', courseId: 'sound', lessonId: 'clap', media, storage, userId: 'ada' },
    accessToken: async () => 'token',
    queue: { lesson: () => place, record: async () => undefined },
    fetch: async () => {
      grants += 1;
      return Response.json({ kind: 'progressive', url: `${FILE}${grants}`, expiresIn: 1000, durationSeconds });
    },
    schedule: (callback) => {
      timers.push(callback);
      return () => timers.splice(timers.indexOf(callback), 1);
    },
  });
  return { media, player };
}

describe('a player', () => {
  it.each([
    ['where the learner stopped', { position: 60, completed: false }, 60],
    ['where the learner stopped to hear a completed lesson again', { position: 60, completed: true }, 60],
    ['at the beginning of a lesson that was heard to its end', { position: 191, completed: true }, 0],
    ['near the end of a lesson that is not completed', { position: 191, completed: false }, 191],
    ['at the beginning if nothing is left to hear', { position: 199.5, completed: false }, 0],
    ['at the beginning if the recording has become shorter', { position: 250, completed: false }, 0],
  ])('starts %s', async (_, place, position) => {
    const { media } = await open({ place });
    expect([media.src, media.currentTime]).toEqual([`${FILE}1`, position]);
  });

  it.each([
    ['is empty', memory()],
    ['was cut', memory('{"speed":1.')],
    ['is of another version', memory('{"speed":"fast","language":7}')],
    ['fails', { ...memory(), getItem: () => Promise.reject(new Error('locked')) }],
    [
      'throws, as where the browser blocks it',
      {
        ...memory(),
        getItem: () => {
          throw new Error('denied');
        },
      },
    ],
  ])('plays at speed 1 if the storage %s', async (_, storage) => {
    const { media } = await open({ storage });
    expect([media.playbackRate, media.src]).toEqual([1, `${FILE}1`]);
  });

  it('keeps the speed when it loads another link, and for the next lesson', async () => {
    const storage = memory();
    const { media } = await open({ storage });
    media.perform({ kind: 'rate', rate: 1.5 });
    expect(media.defaultPlaybackRate).toBe(1.5);
    const next = await open({ storage });
    expect([next.media.playbackRate, next.media.defaultPlaybackRate]).toEqual([1.5, 1.5]);
  });

  it('does not fail when the storage is full', async () => {
    const { media } = await open({
      storage: {
        ...memory(),
        setItem: () => {
          throw new Error('full');
        },
      },
    });
    expect(() => media.perform({ kind: 'rate', rate: 1.5 })).not.toThrow();
  });

  it('asks for another link when the element fails, and continues at the same position', async () => {
    const { media } = await open();
    media.perform({ kind: 'play' });
    media.perform({ kind: 'wait', seconds: 30 });
    media.fail();
    await new Promise((resolve) => setImmediate(resolve));
    expect([media.src, media.currentTime, media.paused]).toEqual([`${FILE}2`, expect.closeTo(30), false]);
  });

  it('stays paused when it continues for a learner who has paused', async () => {
    const { media } = await open();
    media.perform({ kind: 'play' });
    media.perform({ kind: 'wait', seconds: 30 });
    media.perform({ kind: 'pause' });
    media.fail();
    await new Promise((resolve) => setImmediate(resolve));
    expect([media.src, media.paused]).toEqual([`${FILE}2`, true]);
  });

  it('lets go of the element when it stops', async () => {
    const { media, player } = await open();
    player.stop();
    media.fail();
    media.perform({ kind: 'rate', rate: 3 });
    await new Promise((resolve) => setImmediate(resolve));
    expect([media.src, media.defaultPlaybackRate]).toEqual(['', 1]);
  });
});

describe('the recovery from failed requests for media', () => {
  function begin(renew: Playback['renew']) {
    const events: string[] = [];
    const timers: { readonly callback: () => void; readonly delayMs: number }[] = [];
    const recovery = createRecovery({
      playback: {
        renew: () => {
          events.push('renew');
          return renew();
        },
      },
      hold: () => events.push('hold'),
      resume: () => events.push('resume'),
      random: () => 1,
      schedule: (callback, delayMs) => {
        timers.push({ callback, delayMs });
        return () => undefined;
      },
    });
    return { recovery, events, timers };
  }
  const never = () => new Promise<never>(() => undefined);

  it('asks for one grant, however many requests fail, and resumes with it', () => {
    const { recovery, events } = begin(never);
    recovery.failed();
    recovery.failed();
    expect(events).toEqual(['hold', 'renew']);
    recovery.granted();
    expect(events).toEqual(['hold', 'renew', 'resume']);
  });

  it('does not ask again if media fail with the new grant too, but loads again later and later', () => {
    const { recovery, events, timers } = begin(never);
    recovery.failed();
    recovery.granted();
    for (let failure = 0; failure < 10; failure += 1) {
      recovery.failed();
      timers.at(-1)?.callback();
    }
    expect(events.filter((event) => event === 'renew')).toHaveLength(1);
    expect(timers.map(({ delayMs }) => delayMs)).toEqual(
      [1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map((seconds) => seconds * 1000),
    );
  });

  it('asks again at the next failure once media have loaded', () => {
    const { recovery, events } = begin(never);
    recovery.failed();
    recovery.granted();
    recovery.loaded();
    recovery.failed();
    expect(events.filter((event) => event === 'renew')).toHaveLength(2);
  });

  it('waits for the grant that comes after a failed renewal', async () => {
    const { recovery, events } = begin(() => Promise.reject(new Error('no network')));
    recovery.failed();
    await new Promise((resolve) => setImmediate(resolve));
    expect(events).toEqual(['hold', 'renew']);
    recovery.granted();
    expect(events).toEqual(['hold', 'renew', 'resume']);
  });

  it('does nothing for grants while media load', () => {
    const { recovery, events } = begin(never);
    recovery.granted();
    expect(events).toEqual([]);
  });
});

describe('listeners', () => {
  it('are removed together', () => {
    const media = new FakeMedia(1);
    const heard: string[] = [];
    const [listen, removeAll] = createListeners();
    listen(media, 'play pause', () => heard.push('event'));
    media.fire('play', 'pause');
    removeAll();
    media.fire('play', 'pause');
    expect(heard).toHaveLength(2);
  });
});
