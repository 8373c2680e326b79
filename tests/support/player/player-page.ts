import type { Grant } from '../../../client/src/playback.ts';

/* What a test can tell and ask the page, as JSON. */

/** A lesson, as the page receives it. */
export interface Opening {
  readonly baseUrl: string;
  readonly courseId: string;
  readonly lessonId: string;
  /** How the requests of a stream prove permission. By default by the query. */
  readonly proof?: Proof;
}

/** `native`: by the cookies that the browser's own player of streams sends. */
export type Proof = 'query' | 'cookies' | 'none' | 'native';

/** The visible state of the player. */
export interface Playing {
  readonly currentTime: number;
  readonly duration: number;
  readonly ended: boolean;
  /** Whether data after the current time are loaded. */
  readonly canGoOn: boolean;
  /** The time that it jumped to, rather than playing up to it. */
  readonly jumps: readonly number[];
  /** Heights in pixels: of the stream's renditions, and of the displayed picture. */
  readonly renditions: readonly number[];
  readonly height: number;
  readonly paused: boolean;
  readonly rate: number;
  /** The languages of the captions on display. */
  readonly captions: readonly string[];
  /** The captions at the current time, on display or not. */
  readonly cues: readonly string[];
  /** Statuses of failed requests that hls.js reports. */
  readonly failures: readonly (number | undefined)[];
}

/** What the client recorded in the queue. */
export interface RecordedFact {
  readonly courseId: string;
  readonly lessonId: string;
  readonly position: number;
  readonly playedSeconds: number;
}

export interface PlayerPage {
  signIn(baseUrl: string, email: string, password: string): Promise<void>;
  /** Opens a lesson and plays it: as the signed-in learner, or as a preview if nobody is signed in. */
  open(lesson: Opening): Promise<void>;
  grant(): Grant;
  playing(): Playing;
  /** All that was recorded in this browser, also before the page was loaded again. */
  recorded(): readonly RecordedFact[];
  play(): Promise<void>;
  pause(): void;
  seek(seconds: number): void;
  setRate(rate: number): void;
  /** Shows the captions of a language, or none, as the browser's menu does. */
  showCaptions(language: string | null): void;
  chooseRendition(index: number): void;
  /** Moves the page's clocks forward, so that its timers fire. */
  letTimePass(seconds: number): void;
  /** Passes as a laptop's sleep: only the wall clock goes on, and then the page comes to the front. */
  sleep(seconds: number): void;
  /** Acts as a button would that is shown when playback has stopped. */
  tryAgain(): Promise<void>;
  /** Leaves the lesson. */
  leave(): void;
}

declare global {
  /** Runs inside the page. */
  var player: PlayerPage;
}
