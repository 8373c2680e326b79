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

export type Proof = 'query' | 'cookies' | 'none';

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
  /** The captions on display. */
  readonly cues: readonly string[];
  /** Statuses of failed requests that hls.js reports. */
  readonly failures: readonly (number | undefined)[];
}

export interface PlayerPage {
  signIn(baseUrl: string, email: string, password: string): Promise<void>;
  /** Opens a lesson and plays it: as the signed-in learner, or as a preview if nobody is signed in. */
  open(lesson: Opening): Promise<void>;
  grant(): Grant;
  playing(): Playing;
  seek(seconds: number): void;
  setRate(rate: number): void;
  chooseRendition(index: number): void;
  /** Moves the page's clock forward, so that its timers fire. */
  letTimePass(seconds: number): void;
  /** Acts as a button would that is shown when playback has stopped. */
  tryAgain(): Promise<void>;
}

declare global {
  /** Runs inside the page. */
  var player: PlayerPage;
}
