import type { LessonRegisters } from '../../../shared/db/collections.ts';
import type { LessonLimits, OutlineLesson } from './outline-repository.ts';

/** The share of a lesson that a position must reach to complete it. */
const COMPLETION_THRESHOLD = 0.95;

/**
/**
 * The share of a recording, and of its end, that must be played before playing its end completes it. Less than all, so
 * that learners can skip an introduction, and a lost event does not keep the lesson open. Enough that seeking to the end
 * by accident does not complete it, even if the learner notices only when they hear it.
 */
const ENOUGH_PLAYED = 0.5;

/** Enough of the end of a long recording: learners notice an accident sooner. The end of two hours is six minutes. */
const ENOUGH_PLAYED_AT_END_SECONDS = 10;

/**
 * Players return to the start at the end of a recording. Only a position beyond this one shows that it is played again.
 */
const REPLAYED_AFTER_SECONDS = 1;

/** Returns the limits of a lesson as the course has it now. */
export function limitsOf({ kind, durationSeconds }: Pick<OutlineLesson, 'kind' | 'durationSeconds'>): LessonLimits {
  // A text has no duration: at its end, any reading time is enough.
  if (kind === 'article') {
    return { completedFrom: COMPLETION_THRESHOLD, enoughPlayedMs: 0, enoughPlayedAtEndMs: 0, replayedAfter: 0 };
  }
  const duration = durationSeconds === null || durationSeconds === 0 ? Number.POSITIVE_INFINITY : durationSeconds;
  const enoughOfEndSeconds = ENOUGH_PLAYED * (1 - COMPLETION_THRESHOLD) * duration;
  return {
    completedFrom: COMPLETION_THRESHOLD * duration,
    enoughPlayedMs: ENOUGH_PLAYED * duration * 1000,
    // In whole milliseconds, as playing time is: 1 - 0.95 is a little more than 0.05.
    enoughPlayedAtEndMs: Math.round(1000 * Math.min(enoughOfEndSeconds, ENOUGH_PLAYED_AT_END_SECONDS)),
    replayedAfter: REPLAYED_AFTER_SECONDS,
  };
}

/**
 * Tells whether a completed lesson is being replayed: its latest position is newer than its completion, and in its
 * middle.
 */
export function isReplayed(
  { position, completion }: Pick<LessonRegisters, 'position' | 'completion'>,
  { replayedAfter, completedFrom }: LessonLimits,
): boolean {
  if (position === null || !completion?.completed) return false;
  const later = position.at.getTime() - completion.at.getTime();
  const isNewer = later > 0 || (later === 0 && position.by > completion.by);
  return isNewer && position.value > replayedAfter && position.value < completedFrom;
}
