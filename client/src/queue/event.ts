/** Something that happened in a lesson: a position, a completion, or both. */
export interface ProgressFact {
  readonly courseId: string;
  readonly lessonId: string;
  /** Seconds of audio or video, or the fraction of an article that was read. */
  readonly position?: number;
  readonly completed?: boolean;
  /**
   * How much was played since the previous fact about this lesson, in seconds of the recording, whatever the speed. 0 if the
   * learner only moved the slider. Leave it out if the app does not measure it.
   */
  readonly playedSeconds?: number;
}

export interface QueuedEvent extends ProgressFact {
  readonly eventId: string;
  /** The time by the device's clock, in milliseconds. */
  readonly clockMs: number;
  /** The time by the server's clock, in milliseconds, once it is known. */
  readonly serverMs?: number;
  /** The learner's offset from UTC then, in minutes, as `Date.getTimezoneOffset` returns it. */
  readonly zone?: number;
  /** Why the server refused it when it was last sent. It may accept it later. */
  readonly problem?: unknown;
}

export interface LessonProgress {
  readonly lessonId: string;
  readonly position: number;
  readonly furthest: number;
  readonly completed: boolean;
  readonly completedAt: string | null;
  readonly firstCompletedAt: string | null;
  readonly secondsPlayed: number;
  readonly updatedAt: string | null;
}

/**
 * Returns a UUID that sorts after the previous one (version 7, RFC 9562 section 5.7). Of two events at the same time, the
 * server takes the one with the greater id as the later, and it gives all events from the future the same time.
 */
export function idAfter(previous: string, clockMs: number, uuid: string): string {
  const least = Number.parseInt(previous.replace(/-/g, '').slice(0, 12) || '0', 16) + 1;
  const time = Math.max(Math.floor(clockMs), least).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${uuid.slice(15)}`;
}

/** Returns the lesson before anything happened in it. */
export function newLesson(lessonId: string): LessonProgress {
  return {
    lessonId,
    position: 0,
    furthest: 0,
    completed: false,
    completedAt: null,
    firstCompletedAt: null,
    secondsPlayed: 0,
    updatedAt: null,
  };
}

/** Returns the lesson as it will be once the server has this event, as far as the device can tell. */
export function withEvent(lesson: LessonProgress, event: QueuedEvent): LessonProgress {
  const { position, completed, playedSeconds, clockMs, serverMs = clockMs } = event;
  const at = new Date(serverMs).toISOString();
  const isCompleted = completed ?? lesson.completed;
  return {
    ...lesson,
    position: position ?? lesson.position,
    // A position that was only moved to is not how far the learner got.
    furthest: Math.max((playedSeconds === 0 ? undefined : position) ?? 0, lesson.furthest),
    completed: isCompleted,
    completedAt: isCompleted ? (completed === undefined ? lesson.completedAt : at) : null,
    firstCompletedAt: lesson.firstCompletedAt ?? (completed === true ? at : null),
    secondsPlayed: lesson.secondsPlayed + (playedSeconds ?? 0),
    updatedAt: at,
  };
}
