/** What measuring progress needs of a lesson. */
export interface OutlineLesson {
  readonly id: string;
  readonly title: string;
  readonly kind: 'article' | 'audio' | 'video';
  readonly durationSeconds: number | null;
}

/** The lessons of a published course now, in order. */
export interface Outline {
  readonly revision: number;
  readonly lessons: readonly OutlineLesson[];
}

/** A course as {@link outlineProjection} projects it. */
export interface ProjectedOutline {
  readonly revision: number;
  readonly modules: readonly { readonly lessons: Outline['lessons'] }[];
}

/** Projects a published course to its outline. */
export const outlineProjection = {
  revision: '$published.revision',
  modules: {
    $map: {
      input: '$published.modules',
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

/** Returns the outline of a projected course. Null if the course is not published. */
export function outlineOf(course: ProjectedOutline | undefined): Outline | null {
  return course === undefined
    ? null
    : { revision: course.revision, lessons: course.modules.flatMap(({ lessons }) => lessons) };
}
