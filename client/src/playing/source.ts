import type { Fetch } from '../platform/http.ts';
import type { Schedule } from '../platform/time-limit.ts';
import type { Grant, Playback } from '../playback.ts';
import type { Listen } from './listeners.ts';
import type { HlsClass, HlsPlayer, MediaElement } from './media-element.ts';
import { createRecovery } from './recovery.ts';

export interface SourceOptions<Player extends HlsPlayer> {
  readonly media: MediaElement;
  readonly Hls?: HlsClass<Player> | undefined;
  readonly hlsConfig?: object | undefined;
  readonly fetch?: Fetch | undefined;
  readonly random?: (() => number) | undefined;
  readonly schedule?: Schedule | undefined;
}

/** What a media element plays. */
export interface Source<Player> {
  /** There is a new grant. */
  granted(): void;
  stop(): void;
  /** The player of hls.js, if it plays. */
  readonly hls: Player | null;
}

/** Lets a media element play a grant from a position, and continue after failures. */
export function openSource<Player extends HlsPlayer>(
  options: SourceOptions<Player>,
  playback: Playback,
  position: number,
  listen: Listen,
): Source<Player> {
  const { Hls } = options;
  return playback.grant().kind === 'hls' && Hls?.isSupported()
    ? playWithHls(options, Hls, playback, position)
    : playNatively(options, playback, position, listen);
}

function playWithHls<Player extends HlsPlayer>(
  options: SourceOptions<Player>,
  Hls: HlsClass<Player>,
  playback: Playback,
  startPosition: number,
): Source<Player> {
  const { media, hlsConfig } = options;
  const hls = new Hls({
    startPosition: startPosition || -1,
    xhrSetup: (request, url) => request.open('GET', playback.sign(url), true),
    ...hlsConfig,
  });
  const load = () => hls.loadSource(playback.grant().url);
  const recovery = createRecovery({
    ...options,
    playback,
    // Otherwise hls.js tries the other renditions, and gives up.
    hold: () => hls.stopLoad(),
    resume: () => (hls.levels.length > 0 ? hls.startLoad() : load()),
  });
  hls.on('hlsFragLoaded', recovery.loaded);
  hls.on('hlsError', (_, { type, fatal, response }) => {
    const isRefused = response?.code === 0 || response?.code === 403;
    if (type === 'networkError' && (fatal || isRefused)) recovery.failed();
  });
  load();
  hls.attachMedia(media as never);
  return {
    hls,
    granted: recovery.granted,
    stop() {
      recovery.stop();
      hls.destroy();
    },
  };
}

/** Plays a file, or a stream where the browser can, which needs the cookies of the grant. */
function playNatively<Player extends HlsPlayer>(
  options: SourceOptions<Player>,
  playback: Playback,
  startPosition: number,
  listen: Listen,
): Source<Player> {
  const { media, fetch: send = (url, init) => fetch(url, init) } = options;
  const isFile = playback.grant().kind === 'progressive';
  const tracks = isFile ? addCaptions(media, playback.grant()) : [];
  /** Whether it should. */
  let isPlaying = !media.paused;

  function load(position: number): void {
    media.src = playback.grant().url;
    if (position > 0) media.currentTime = position;
  }

  const recovery = createRecovery({
    ...options,
    playback,
    hold: () => undefined,
    resume() {
      load(media.currentTime);
      // If it fails, there is another error event.
      if (isPlaying) media.play().catch(() => undefined);
    },
  });
  listen(media, 'play', () => {
    isPlaying = true;
  });
  listen(media, 'pause', () => {
    // After an error it is not the learner who pauses.
    if (media.error === null) isPlaying = false;
  });
  listen(media, 'error', recovery.failed);
  listen(media, 'playing', recovery.loaded);
  // A refused link fails here at once. Chromium retries it for about 30 s before it fires `error`.
  if (isFile) {
    listen(media, 'waiting', () => {
      send(media.src, { method: 'HEAD', cache: 'no-store' }).then(
        ({ status }) => status === 403 && recovery.failed(),
        recovery.failed,
      );
    });
  }
  setCookies(media, playback.grant());
  load(startPosition);
  return {
    hls: null,
    granted() {
      setCookies(media, playback.grant());
      recovery.granted();
    },
    stop() {
      recovery.stop();
      for (const track of tracks) track.remove();
      media.removeAttribute('src');
      media.load();
    },
  };
}

function addCaptions(media: MediaElement, { captions = [] }: Grant): readonly { remove(): void }[] {
  // Captions come from another origin than the page, which a track needs this for.
  if (captions.length > 0) media.crossOrigin = 'anonymous';
  return captions.map(({ url, language, label }) => {
    const track = media.ownerDocument.createElement('track');
    media.append(Object.assign(track, { kind: 'captions', src: url, srclang: language, label }));
    return track;
  });
}

function setCookies({ ownerDocument }: MediaElement, { cookies = [], expiresIn }: Grant): void {
  for (const { name, value, domain, path, secure, sameSite } of cookies) {
    const attributes = `domain=${domain}; path=${path}; samesite=${sameSite}; max-age=${expiresIn}`;
    ownerDocument.cookie = `${name}=${value}; ${attributes}${secure ? '; secure' : ''}`;
  }
}
