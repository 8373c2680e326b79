import { openPlayback, type Playback, type PlaybackOptions } from './playback.ts';
import { createListeners } from './playing/listeners.ts';
import { measure } from './playing/measure.ts';
import type { HlsClass, HlsPlayer, MediaElement } from './playing/media-element.ts';
import { createMeter, type ProgressRecorder } from './playing/meter.ts';
import { keepSettings, readSettings, type SettingsOptions } from './playing/settings.ts';
import { openSource, type Source } from './playing/source.ts';

/* Plays lessons in a media element: with its progress, and as the learner likes it. */

export { createMeter, type Meter, type MeterOptions } from './playing/meter.ts';

export interface LessonOptions<Player extends HlsPlayer = HlsPlayer> extends PlaybackOptions, SettingsOptions {
  readonly media: MediaElement;
  /** The class of hls.js. Without it, streams play only in browsers that play them by themselves. */
  readonly Hls?: HlsClass<Player>;
  /** Settings of hls.js. */
  readonly hlsConfig?: object;
  /** Where playing starts, in seconds. By default where the learner stopped. */
  readonly position?: number;
  /** The queue that has the learner's progress, and gets it. */
  readonly queue?: ProgressRecorder;
  /** Called when the queue could not record. */
  readonly onError?: (error: unknown) => void;
}

export interface LessonPlayer<Player extends HlsPlayer = HlsPlayer> {
  readonly playback: Playback;
  /** The player of hls.js, for example to choose a rendition. Null if the browser plays by itself. */
  readonly hls: Player | null;
  /** Records the last part, and ends playing for good. */
  stop(): void;
}

/** The part of a lesson at whose end it counts as completed. */
const COMPLETED_AT = 0.95;
/** So close to the end there is nothing to hear. */
const END_SECONDS = 1;

/**
 * Opens a lesson in a media element, at the position where the learner stopped. Renews the grant, continues after failures,
 * records progress, and keeps the speed and the captions for the next lessons.
 * @throws like `openPlayback`
 */
export async function playLesson<Player extends HlsPlayer>(
  options: LessonOptions<Player>,
): Promise<LessonPlayer<Player>> {
  const { media, queue, courseId, lessonId, onError, monotonic } = options;
  let source: Source<Player> | undefined;
  const [playback, settings] = await Promise.all([
    openPlayback({
      ...options,
      onRenewed(grant) {
        source?.granted();
        options.onRenewed?.(grant);
      },
    }),
    readSettings(options),
  ]);
  const { durationSeconds } = playback.grant();
  const position = options.position ?? (queue ? resumePosition(queue.lesson(courseId, lessonId), durationSeconds) : 0);
  const [listen, stopListening] = createListeners();

  const keeper = keepSettings(media, settings, options);
  listen(media, 'ratechange', keeper.keepSpeed);
  listen(media, 'playing', keeper.showCaptions);
  listen(media.textTracks, 'change', keeper.keepCaptions);

  const leave =
    queue && measure(media, createMeter({ queue, courseId, lessonId, position, onError, monotonic }), listen);

  // Timers stop while a device sleeps or the page is in the background.
  const renewIfDue = () => void playback.renewIfDue();
  const page = media.ownerDocument;
  listen(media, 'play', renewIfDue);
  listen(page, 'visibilitychange', renewIfDue);
  if (page.defaultView) listen(page.defaultView, 'online', renewIfDue);

  source = openSource(options, playback, position, listen);
  return {
    playback,
    hls: source.hls,
    stop() {
      leave?.();
      stopListening();
      playback.stop();
      source.stop();
    },
  };
}

/** Returns where to resume, in seconds. A lesson that was heard to its end starts again. */
export function resumePosition(
  { position, completed }: ReturnType<ProgressRecorder['lesson']>,
  durationSeconds: number | null | undefined,
): number {
  if (typeof durationSeconds !== 'number') return position;
  const end = completed ? durationSeconds * COMPLETED_AT : durationSeconds - END_SECONDS;
  return position < end ? position : 0;
}
