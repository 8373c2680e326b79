import type { Document } from 'mongodb';
import type { Grant } from '../../../shared/access/can-read.ts';
import { query } from '../../../shared/db/client.ts';
import {
  COLLECTIONS,
  type CourseDocument,
  collection,
  type ProgressDocument,
  type UserDocument,
} from '../../../shared/db/collections.ts';
import type { Principal } from '../../../shared/http/handler.ts';

/** Who asks, as the database has them now. */
export interface Asker {
  readonly session: { readonly expiresAt: Date; readonly epoch: number };
  readonly account: Pick<UserDocument, 'tokenEpoch' | 'roles'>;
  /** The database's clock when it was asked. */
  readonly asOf: Date;
}

/** A lesson, as far as progress in it is measured. */
export interface OutlineLesson {
  readonly id: string;
  readonly title: string;
  readonly kind: 'article' | 'audio' | 'video';
  readonly durationSeconds: number | null;
}

/** What a course has in it now, in order. */
export interface Outline {
  readonly revision: number;
  readonly lessons: readonly OutlineLesson[];
}

/** A published course, as far as events are judged by it. */
export interface LearnableCourse {
  readonly id: string;
  readonly access: CourseDocument['access'];
  readonly outline: Outline;
  readonly everPublishedLessonIds: readonly string[];
}

/** Who learns, and all that their events are judged by, of the courses these name. */
export interface Learner extends Asker {
  readonly courses: ReadonlyMap<string, LearnableCourse>;
  readonly grants: ReadonlyMap<string, Grant>;
  readonly progress: ReadonlyMap<string, ProgressDocument>;
}

/** What {@link publishedOutline} makes of a course. */
export interface PublishedRow {
  readonly revision: number;
  readonly modules: readonly { readonly lessons: Outline['lessons'] }[];
}

/** One document of an answer: which of these it has says what it is of. */
type Row = Partial<Asker> & {
  readonly course?: PublishedRow & Omit<LearnableCourse, 'outline'>;
  readonly grant?: Grant & { readonly courseId: string };
  readonly progress?: ProgressDocument;
};

/** More than a request can name courses, so that the whole answer comes in one batch as long as it fits 16 MB. */
const BATCH_SIZE = 2000;

/**
 * A learner with courses, or null when their session or account is gone. One round trip: each document by its `_id`.
 *
 * A union and not lookups: each document comes by itself, so that many large courses do not have to fit into one.
 * @param digests of events; what is remembered of each course is cut down to them
 */
export async function findLearner(
  principal: Pick<Principal, 'sessionId' | 'userId'>,
  courseIds: readonly string[],
  digests: readonly string[],
): Promise<Learner | null> {
  const { userId } = principal;
  const idsOf = (idOf: (courseId: string) => string) => ({ $in: courseIds.map(idOf) });
  const rows = await query((db) =>
    collection(db, COLLECTIONS.sessions)
      .aggregate<Row>(
        [
          ...askerRows(principal),
          also(COLLECTIONS.courses.name, { _id: idsOf((id) => id), published: { $ne: null } }, 'course', {
            id: '$_id',
            access: '$access',
            everPublishedLessonIds: '$everPublishedLessonIds',
            ...publishedOutline,
          }),
          also(COLLECTIONS.grants.name, { _id: idsOf((id) => `${id}/${userId}`) }, 'grant', {
            courseId: '$courseId',
            expiresAt: '$expiresAt',
          }),
          also(COLLECTIONS.progress.name, { _id: idsOf((id) => `${userId}/${id}`) }, 'progress', {
            $mergeObjects: ['$$ROOT', { recentEvents: { $setIntersection: ['$recentEvents', [...digests]] } }],
          }),
        ],
        { batchSize: BATCH_SIZE },
      )
      .toArray(),
  );
  const asker = askerOf(rows);
  if (asker === null) return null;
  const courses = rows.flatMap(({ course }) => (course === undefined ? [] : [learnable(course)]));
  const grants = rows.flatMap(({ grant }) => (grant === undefined ? [] : [grant]));
  const progress = rows.flatMap((row) => (row.progress === undefined ? [] : [row.progress]));
  return {
    ...asker,
    courses: new Map(courses.map((course) => [course.id, course])),
    grants: new Map(grants.map((grant) => [grant.courseId, grant])),
    progress: new Map(progress.map((document) => [document.courseId, document])),
  };
}

/** The first stages of an aggregate of `sessions`, to which others add what they want to know. */
export function askerRows({ sessionId, userId }: Pick<Principal, 'sessionId' | 'userId'>): Document[] {
  return [
    { $match: { _id: sessionId, userId } },
    { $project: { _id: 0, session: { expiresAt: '$expiresAt', epoch: '$epoch' }, asOf: '$$NOW' } },
    also(COLLECTIONS.users.name, { _id: userId }, 'account', { tokenEpoch: '$tokenEpoch', roles: '$roles' }),
  ];
}

/** Who asks, of the rows that {@link askerRows} makes; null when the session or the account is gone. */
export function askerOf(rows: readonly Partial<Asker>[]): Asker | null {
  const { session, asOf } = rows.find((row) => row.session !== undefined) ?? {};
  const account = rows.find((row) => row.account !== undefined)?.account;
  return session === undefined || asOf === undefined || account === undefined ? null : { session, asOf, account };
}

/** Projects a course to what progress is measured by. */
export const publishedOutline = {
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

/** The outline of a course; null of none. */
export function outlineOf(course: PublishedRow | undefined): Outline | null {
  return course === undefined
    ? null
    : { revision: course.revision, lessons: course.modules.flatMap(({ lessons }) => lessons) };
}

/** The documents of another collection that the filter names, each as the value of one field. */
function also(coll: string, filter: Document, as: keyof Row, value: Document): Document {
  return { $unionWith: { coll, pipeline: [{ $match: filter }, { $project: { _id: 0, [as]: value } }] } };
}

function learnable({ revision, modules, ...course }: NonNullable<Row['course']>): LearnableCourse {
  return { ...course, outline: { revision, lessons: modules.flatMap(({ lessons }) => lessons) } };
}
