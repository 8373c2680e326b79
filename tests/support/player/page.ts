import Hls from 'hls.js';
import { openPlayback, type Playback, PlaybackRefused } from '../../../client/src/playback.ts';
import type { Opening, Playing, Proof } from './player-page.ts';

/* A small web app that plays lessons as in client/README.md. */

let media: HTMLMediaElement = document.createElement('audio');
let accessToken: string | null = null;
let playback: Playback;
let hls: Hls | null = null;
const failures: (number | undefined)[] = [];
const jumps: number[] = [];

/** What the client waits for, and how far the page's clock is ahead. */
let planned: (() => void) | null = null;
let aheadMs = 0;

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

async function open({ proof = 'query', ...lesson }: Opening): Promise<void> {
  const token = accessToken;
  try {
    playback = await openPlayback({
      ...lesson,
      accessToken: token === null ? null : async () => token,
      onRenewed: () => setCookies(proof),
      onRefused: show,
      monotonic: () => performance.now() + aheadMs,
      schedule: plan,
    });
  } catch (error) {
    return show(error);
  }
  setCookies(proof);
  if (playback.grant().kind === 'hls') playStream(proof);
  else playFile();
  document.body.append(media);
  media.addEventListener('seeking', () => jumps.push(media.currentTime));
  // It fails when the CDN refuses. Tests look at what plays.
  media.play().catch(() => undefined);
}

function playStream(proof: Proof): void {
  const player = new Hls({
    // Otherwise a stream of a minute would be loaded at once.
    maxMaxBufferLength: 4,
    subtitlePreference: { lang: 'en' },
    xhrSetup(xhr, url) {
      if (proof === 'query') xhr.open('GET', playback.sign(url), true);
      if (proof === 'cookies') xhr.withCredentials = true;
    },
  });
  let isRenewed = false;
  player.on(Hls.Events.FRAG_LOADED, () => {
    isRenewed = false;
  });
  player.on(Hls.Events.ERROR, async (_, { response }) => {
    if (response !== undefined) failures.push(response.code);
    const isRefused = response?.code === 403 || (response?.code === 0 && navigator.onLine);
    if (!isRefused || isRenewed) return;
    isRenewed = true;
    player.stopLoad();
    await playback.renew().then(() => player.startLoad(), show);
  });
  player.loadSource(playback.grant().url);
  media = document.createElement('video');
  media.muted = true;
  player.attachMedia(media);
  hls = player;
}

function playFile(): void {
  const element = document.createElement('audio');
  let isRenewed = false;
  element.addEventListener('playing', () => {
    isRenewed = false;
  });
  const renew = async () => {
    const { currentTime, paused } = element;
    if (isRenewed) return;
    isRenewed = true;
    try {
      element.src = (await playback.renew()).url;
      element.currentTime = currentTime;
      if (!paused) await element.play();
    } catch (error) {
      show(error);
    }
  };
  element.addEventListener('error', renew);
  element.addEventListener('waiting', () => {
    fetch(element.src, { method: 'HEAD', cache: 'no-store' }).catch(renew);
  });
  // Captions come from another origin than the page, which a track needs this for.
  element.crossOrigin = 'anonymous';
  element.src = playback.grant().url;
  addCaptions(element);
  media = element;
}

function addCaptions(element: HTMLMediaElement): void {
  for (const { url, language, label } of playback.grant().captions) {
    const track = document.createElement('track');
    element.append(Object.assign(track, { kind: 'captions', src: url, srclang: language, label }));
    // A track is loaded, shown or not, unless it is disabled.
    track.track.mode = 'hidden';
  }
}

function setCookies(proof: Proof): void {
  if (proof !== 'cookies') return;
  for (const { name, value, domain, path, secure, sameSite } of playback.grant().cookies ?? []) {
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
    renditions: hls?.levels.map(({ height }) => height) ?? [],
    height: media instanceof HTMLVideoElement ? media.videoHeight : 0,
    cues: [...media.textTracks].flatMap(({ activeCues }) => textsOf(activeCues)),
    failures,
  };
}

function textsOf(cues: TextTrackCueList | null): readonly string[] {
  return [...(cues ?? [])].map((cue) => (cue instanceof VTTCue ? cue.text : ''));
}

function plan(callback: () => void): () => void {
  planned = callback;
  return () => {
    planned = null;
  };
}

globalThis.player = {
  signIn,
  open,
  grant: () => playback.grant(),
  playing,
  seek(seconds) {
    media.currentTime = seconds;
  },
  setRate(rate) {
    media.playbackRate = rate;
  },
  chooseRendition(index) {
    if (hls !== null) hls.nextLevel = index;
  },
  letTimePass(seconds) {
    aheadMs += seconds * 1000;
    planned?.();
  },
  async tryAgain() {
    await playback.renew();
    hls?.startLoad();
  },
};
