import type { Grant } from '../../../examples/clients/playback.ts';

/* What a test can have the page do and ask it. All of it passes between the two as JSON. */

/** A lesson, as the page receives it. */
export interface Opening {
  readonly baseUrl: string;
  readonly courseId: string;
  readonly lessonId: string;
  /** How the requests of a stream say that they may be answered; by the query by default. */
  readonly proof?: Proof;
}

export type Proof = 'query' | 'cookies' | 'none';

/** What can be seen of the lesson that plays. */
export interface Playing {
  readonly currentTime: number;
  readonly duration: number;
  readonly ended: boolean;
  /** Whether there is something to play after this moment. */
  readonly canGoOn: boolean;
  /** Where it went to at once, instead of playing up to there. */
  readonly jumps: readonly number[];
  /** Heights in pixels: of the renditions that the stream has, and of the picture that is shown. */
  readonly renditions: readonly number[];
  readonly height: number;
  /** What the captions say now. */
  readonly cues: readonly string[];
  /** Statuses of requests that hls.js reports as failed. */
  readonly failures: readonly (number | undefined)[];
}

export interface PlayerPage {
  signIn(baseUrl: string, email: string, password: string): Promise<void>;
  /** Opens a lesson and plays it: as the learner who is signed in, or as a preview when nobody is. */
  open(lesson: Opening): Promise<void>;
  grant(): Grant;
  playing(): Playing;
  seek(seconds: number): void;
  setRate(rate: number): void;
  chooseRendition(index: number): void;
  /** Has the page believe that so much time went by, so that what it planned for then happens. */
  letTimePass(seconds: number): void;
  /** What a button would do that is shown when playing has stopped. */
  tryAgain(): Promise<void>;
}

declare global {
  /** In the page alone. */
  var player: PlayerPage;
}
