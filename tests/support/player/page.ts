import Hls from 'hls.js';
import { PlaybackRefused } from '../../../client/src/playback.ts';
import { type LessonPlayer, playLesson } from '../../../client/src/player.ts';
import type { Opening, Playing, Proof, RecordedFact } from './player-page.ts';

/* A small web app that plays lessons as in client/README.md. */

let media: HTMLMediaElement = document.createElement('audio');
let accessToken: string | null = null;
let lesson: LessonPlayer<Hls>;
const failures: (number | undefined)[] = [];
const jumps: number[] = [];

/** What the client waits for, and how far the page's clocks are ahead. */
const planned = new Set<() => void>();
let monotonicAheadMs = 0;
let wallAheadMs = 0;

/** In place of a queue: it keeps its records, also when the page is loaded again. */
const queue = {
  async record(fact: RecordedFact) {
    localStorage.setItem('facts', JSON.stringify([...recorded(), fact]));
  },
  lesson(courseId: string, lessonId: string) {
    const facts = recorded().filter((fact) => fact.courseId === courseId && fact.lessonId === lessonId);
    return { position: facts.at(-1)?.position ?? 0, completed: localStorage.getItem('completed') === lessonId };
  },
};

/** How a stream's requests prove permission, other than by the query. */
const SETUPS = {
  query: {},
  cookies: {
    xhrSetup(xhr: XMLHttpRequest) {
      xhr.withCredentials = true;
    },
  },
  none: { xhrSetup: () => undefined },
  native: {},
};

async function signIn(baseUrl: string, email: string, password: string): Promise<void> {
  const response = await fetch(`${baseUrl}/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (!response.ok) throw new Error(`Signing in was answered with ${response.status}`);
  const { tokens } = await response.json();
  accessToken = tokens.accessToken;
}

async function open({ proof = 'query', ...which }: Opening): Promise<void> {
  const token = accessToken;
  media = document.createElement(which.courseId === 'seeing-with-numbers' ? 'video' : 'audio');
  media.muted = true;
  media.addEventListener('seeking', () => jumps.push(media.currentTime));
  document.body.append(media);
  try {
    lesson = await playLesson({
      ...which,
      ...{ media, queue, storage: localStorage, userId: 'the-learner' },
      ...(proof === 'native' ? {} : { Hls }),
      hlsConfig: {
        // Otherwise a stream of a minute would be loaded at once.
        maxMaxBufferLength: 4,
        subtitlePreference: { lang: 'en' },
        ...SETUPS[proof],
      },
      accessToken: token === null ? null : async () => token,
      onRenewed: () => setCookies(proof),
      onRefused: show,
      monotonic: () => performance.now() + monotonicAheadMs,
      now: () => Date.now() + wallAheadMs,
      schedule: plan,
    });
  } catch (error) {
    return show(error);
  }
  setCookies(proof);
  lesson.hls?.on(Hls.Events.ERROR, (_, { response }) => {
    if (response !== undefined) failures.push(response.code);
  });
  // The page reads captions to the tests, without showing them.
  for (const track of media.textTracks) if (track.mode === 'disabled') track.mode = 'hidden';
  // It fails when the CDN refuses. Tests look at what plays.
  media.play().catch(() => undefined);
}

function setCookies(proof: Proof): void {
  if (proof !== 'cookies') return;
  for (const { name, value, domain, path, secure, sameSite } of lesson.playback.grant().cookies ?? []) {
    const attributes = `domain=${domain}; path=${path}; samesite=${sameSite}${secure ? '; secure' : ''}`;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API makes all cookies Secure, which these are not here.
    document.cookie = `${name}=${value}; ${attributes}`;
  }
}

function show(error: unknown): void {
  const [alert] = document.getElementsByTagName('p');
  if (alert) alert.textContent = error instanceof PlaybackRefused ? `Refused: ${error.status}` : String(error);
}

function playing(): Playing {
  return {
    currentTime: media.currentTime,
    duration: media.duration,
    ended: media.ended,
    canGoOn: media.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA,
    jumps,
    renditions: lesson?.hls?.levels.map(({ height }) => height) ?? [],
    height: media instanceof HTMLVideoElement ? media.videoHeight : 0,
    paused: media.paused,
    rate: media.playbackRate,
    captions: [...media.textTracks].filter(({ mode }) => mode === 'showing').map(({ language }) => language),
    cues: [...media.textTracks].flatMap(({ activeCues }) => textsOf(activeCues)),
    failures,
  };
}

function textsOf(cues: TextTrackCueList | null): readonly string[] {
  return [...(cues ?? [])].map((cue) => (cue instanceof VTTCue ? cue.text : ''));
}

function plan(callback: () => void, delayMs: number): () => void {
  const run = () => {
    cancel();
    callback();
  };
  const timer = setTimeout(run, delayMs);
  const cancel = () => {
    clearTimeout(timer);
    planned.delete(run);
  };
  planned.add(run);
  return cancel;
}

function recorded(): readonly RecordedFact[] {
  return JSON.parse(localStorage.getItem('facts') ?? '[]');
}

globalThis.player = {
  signIn,
  open,
  grant: () => lesson.playback.grant(),
  playing,
  recorded,
  play: () => media.play(),
  pause: () => media.pause(),
  seek(seconds) {
    media.currentTime = seconds;
  },
  setRate(rate) {
    media.playbackRate = rate;
  },
  showCaptions(language) {
    for (const track of media.textTracks) track.mode = track.language === language ? 'showing' : 'hidden';
  },
  chooseRendition(index) {
    if (lesson.hls !== null) lesson.hls.nextLevel = index;
  },
  letTimePass(seconds) {
    monotonicAheadMs += seconds * 1000;
    wallAheadMs += seconds * 1000;
    for (const run of [...planned]) run();
  },
  sleep(seconds) {
    wallAheadMs += seconds * 1000;
    document.dispatchEvent(new Event('visibilitychange'));
  },
  async tryAgain() {
    await lesson.playback.renew();
  },
  leave: () => lesson.stop(),
};
