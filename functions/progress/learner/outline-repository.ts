/** The part of a lesson that progress is measured by. */
export interface OutlineLesson {
  readonly id: string;
  readonly title: string;
  readonly kind: 'article' | 'audio' | 'video';
  readonly durationSeconds: number | null;
}

/** The limits that decide what a position in a lesson means. */
export interface LessonLimits {
  /** The least position that completes the lesson. `Infinity` if its duration is unknown. */
  readonly completedFrom: number;
  /** How much must be played, in milliseconds, before an event with a playing time can complete the lesson. */
  readonly enoughPlayedMs: number;
  /** How much of that must be played by events at `completedFrom` or beyond, in milliseconds. */
  readonly enoughPlayedAtEndMs: number;
  /** A completed lesson whose latest position is beyond this one is being replayed, unless it is at the end again. */
  readonly replayedAfter: number;
}

/** The lessons of a course in one revision, in order. */
export interface Outline {
  readonly revision: number;
  readonly lessons: readonly OutlineLesson[];
}

/** A course as {@link outlineProjection} projects it. */
export interface ProjectedOutline {
  readonly revision: number;
  readonly modules: readonly { readonly lessons: Outline['lessons'] }[];
}

/** Projects the published course in a field to its outline. */
export function outlineProjectionOf(field: `$${string}`) {
  return {
    revision: `${field}.revision`,
    modules: {
      $map: {
        input: `${field}.modules`,
        as: 'module',
        in: {
          lessons: {
            $map: {
              input: '$$module.lessons',
              as: 'lesson',
              in: {
                id: '$$lesson.id',
                title: '$$lesson.title',
                kind: '$$lesson.kind',
                durationSeconds: '$$lesson.durationSeconds',
              },
            },
          },
        },
      },
    },
  } as const;
}

/** Projects a published course to its outline. */
export const outlineProjection = outlineProjectionOf('$published');

/** Returns the outline of a projected course. Null if the course is not published. */
export function outlineOf(course: ProjectedOutline | undefined): Outline | null {
  return course === undefined
    ? null
    : { revision: course.revision, lessons: course.modules.flatMap(({ lessons }) => lessons) };
}
