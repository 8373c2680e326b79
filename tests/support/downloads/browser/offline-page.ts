import type { DownloadedCourse, DownloadPlan, DownloadProgress } from '../../../../client/src/downloads.ts';

/* What a test can tell and ask the page, as JSON. */

export interface Account {
  readonly baseUrl: string;
  readonly userId: string;
  readonly accessToken: string;
}

/** What the page shows of a lesson. */
export interface Shown {
  /** Widths in pixels, 0 of an image that did not load. */
  readonly imageWidths: readonly number[];
  readonly currentTime: number;
  readonly duration: number;
  readonly ended: boolean;
  readonly error: string | null;
  readonly cues: readonly string[];
}

export interface LocalAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly contentRange: string | null;
  readonly length: number;
  readonly sha256: string;
}

export interface OfflinePage {
  /** Whether the service worker answers the page's requests. */
  isServed(): boolean;
  open(account: Account): void;
  plan(courseId: string): Promise<DownloadPlan>;
  download(courseId: string): Promise<void>;
  progress(): DownloadProgress | null;
  list(): Promise<readonly DownloadedCourse[]>;
  mediaUrl(courseId: string, lessonId: string): Promise<string | null>;
  /** Shows the text of a downloaded lesson, and plays its recording. */
  show(courseId: string, lessonId: string): Promise<void>;
  shown(): Shown;
  seek(seconds: number): void;
  get(url: string, range?: string): Promise<LocalAnswer>;
}

declare global {
  /** Runs inside the page. */
  var offline: OfflinePage;
}
