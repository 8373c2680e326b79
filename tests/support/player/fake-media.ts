/** Something that a learner or the network does to a player. */
export type MediaAction =
  | { readonly kind: 'play' }
  | { readonly kind: 'pause' }
  /** `background`: the element tells its position only afterwards. `stall`: nothing arrives from the network. */
  | { readonly kind: 'wait' | 'background' | 'stall'; readonly seconds: number }
  | { readonly kind: 'rate'; readonly rate: number }
  /** `isFast`: is done before its event. `isTimeUpdateLate`: an earlier event arrives in the middle of it. */
  | { readonly kind: 'seek'; readonly to: number; readonly isFast: boolean; readonly isTimeUpdateLate: boolean };

const NO_TRACKS: Readonly<Record<number, { readonly language: string; mode: string }>> = {};

/**
 * A media element without media, whose time moves by hand and whose events come in the order of the HTML standard
 * ("Media elements"). It remembers what it truly played.
 */
export class FakeMedia {
  clockSeconds = 0;
  src = '';
  crossOrigin: string | null = null;
  currentTime = 0;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  readyState = 4;
  paused = true;
  ended = false;
  seeking = false;
  error: object | null = null;
  readonly textTracks = Object.assign(new Target(), { length: 0 }, NO_TRACKS);
  readonly ownerDocument = Object.assign(new Target(), {
    ...{ cookie: '', defaultView: new Target() },
    createElement: () => ({ kind: '', src: '', srclang: '', label: '', remove: () => undefined }),
  });
  readonly #target = new Target();
  readonly #spans: { readonly from: number; readonly to: number }[] = [];
  readonly #moves: number[] = [];

  readonly duration: number;

  constructor(durationSeconds: number) {
    this.duration = durationSeconds;
  }

  addEventListener(type: string, listener: () => void): void {
    this.#target.addEventListener(type, listener);
  }

  removeEventListener(type: string, listener: () => void): void {
    this.#target.removeEventListener(type, listener);
  }

  fire(...types: readonly string[]): void {
    for (const type of types) this.#target.fire(type);
  }

  /** A request for media fails, and the element gives up. */
  fail(): void {
    this.error = {};
    this.paused = true;
    this.fire('error', 'pause');
  }

  async play(): Promise<void> {
    this.perform({ kind: 'play' });
  }

  load(): void {}

  append(): void {}

  removeAttribute(): void {
    this.src = '';
  }

  perform(action: MediaAction): void {
    if (action.kind === 'play') this.#play();
    else if (action.kind === 'pause') this.#pause();
    else if (action.kind === 'seek') this.#seek(action);
    else if (action.kind === 'rate') {
      this.playbackRate = action.rate;
      this.fire('ratechange');
    } else if (action.kind === 'stall') {
      this.clockSeconds += action.seconds;
      this.fire('waiting');
    } else if (action.kind === 'background') this.#pass(action.seconds);
    else for (let left = action.seconds; left > 0; left -= 0.2) this.#pass(Math.min(left, 0.2));
  }

  /** Seconds of the recording that were played so far. */
  played(): number {
    return this.#spans.reduce((sum, { from, to }) => sum + to - from, 0);
  }

  hasPlayed(position: number): boolean {
    return this.#spans.some(({ from, to }) => position >= from - 0.001 && position <= to + 0.001);
  }

  hasMovedTo(position: number): boolean {
    return this.#moves.some((move) => Math.abs(move - position) < 0.001);
  }

  #play(): void {
    if (this.ended) this.#seek({ to: 0, isFast: false, isTimeUpdateLate: false });
    if (!this.paused) return;
    this.paused = false;
    this.fire('play', 'playing');
  }

  #pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.fire('timeupdate', 'pause');
  }

  #pass(seconds: number): void {
    this.clockSeconds += seconds;
    if (this.paused) return;
    const from = this.currentTime;
    this.currentTime = Math.min(this.duration, from + seconds * this.playbackRate);
    this.#spans.push({ from, to: this.currentTime });
    this.fire('timeupdate');
    if (this.currentTime < this.duration) return;
    this.ended = true;
    this.paused = true;
    this.fire('pause', 'ended');
  }

  #seek({ to, isFast, isTimeUpdateLate }: Omit<Extract<MediaAction, { kind: 'seek' }>, 'kind'>): void {
    this.#moves.push(to);
    this.currentTime = to;
    this.ended = false;
    this.seeking = true;
    if (isTimeUpdateLate) this.fire('timeupdate');
    if (isFast) this.seeking = false;
    this.fire('seeking');
    this.seeking = false;
    this.fire('timeupdate', 'seeked');
  }
}

class Target {
  readonly #listeners = new Map<string, Set<() => void>>();

  addEventListener(type: string, listener: () => void): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: string, listener: () => void): void {
    this.#listeners.get(type)?.delete(listener);
  }

  fire(type: string): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener();
  }
}
