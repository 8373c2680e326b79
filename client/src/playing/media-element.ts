/* The parts of the DOM and of hls.js that the player uses, since not every project has the types of both. */

export interface ListenerTarget {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** An `HTMLAudioElement` or `HTMLVideoElement`. */
export interface MediaElement extends ListenerTarget {
  src: string;
  crossOrigin: string | null;
  currentTime: number;
  playbackRate: number;
  defaultPlaybackRate: number;
  readonly readyState: number;
  readonly error: unknown;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly seeking: boolean;
  readonly textTracks: TextTracks;
  readonly ownerDocument: PageDocument;
  play(): Promise<void>;
  load(): void;
  append(node: unknown): void;
  removeAttribute(name: string): void;
}

export interface TextTracks extends ListenerTarget, ArrayLike<{ readonly language: string; mode: string }> {}

interface PageDocument extends ListenerTarget {
  cookie: string;
  readonly defaultView: ListenerTarget | null;
  createElement(name: 'track'): TrackElement;
}

interface TrackElement {
  kind: string;
  src: string;
  srclang: string;
  label: string;
  remove(): void;
}

/** The class `Hls` of hls.js. */
export interface HlsClass<Player extends HlsPlayer> {
  new (config: HlsSetup): Player;
  isSupported(): boolean;
}

export interface HlsSetup {
  readonly startPosition: number;
  xhrSetup(request: { open(method: string, url: string, async: boolean): void }, url: string): void;
}

export interface HlsPlayer {
  readonly levels: readonly unknown[];
  on(event: string, listener: (event: string, data: HlsError) => void): void;
  loadSource(url: string): void;
  /** It wants a whole `HTMLMediaElement`, which the types here do not know. */
  attachMedia(media: never): void;
  startLoad(): void;
  stopLoad(): void;
  destroy(): void;
}

interface HlsError {
  readonly type?: string;
  readonly fatal?: boolean;
  readonly response?: { readonly code: number };
}
