import { canRead } from '../../../shared/access/can-read.ts';
import { requireCaller } from '../../../shared/access/require-caller.ts';
import { withAssetUrls } from '../../../shared/assets.ts';
import type { Input, Output } from '../../../shared/http/contract.ts';
import { decodeCursor, encodeCursor } from '../../../shared/http/cursor.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { secret } from '../../../shared/secrets.ts';
import type { contract } from '../contract.ts';
import { courseProgressSummaryOf, lessonProgressOf } from '../learner/course-progress.ts';
import { type OutlineLesson, outlineOf } from '../learner/outline-repository.ts';
import { type ActivityPosition, type StartedCourseRow, startedCoursesStages } from './continue-repository.ts';
import { lessonToContinue } from './lesson-to-continue.ts';

type ContinueRoute = (typeof contract)['routes']['GET /progress/continue'];
type ContinueItem = Output<ContinueRoute>['items'][number];

/**
 * Lists the courses that a learner can resume, most recent activity first. A page covers `limit` started courses and
 * omits those that the learner may no longer read or that have nothing to resume, so it can be shorter.
 * @throws Problem `invalid-request` for a cursor of another list; `invalid-token`; `unavailable`.
 */
export async function listCoursesToContinue(
  principal: Principal,
  { limit, cursor }: Input<ContinueRoute>['query'],
  now = new Date(),
): Promise<Output<ContinueRoute>> {
  const key = await secret('CURSOR_KEY');
  const scope = `progress/continue ${principal.userId}`;
  const after = cursor === undefined ? null : parsePosition(decodeCursor(key, scope, cursor));
  // One more than requested tells whether there are more.
  const stages = startedCoursesStages(principal.userId, after, limit + 1);
  const { caller, furtherRows: started } = await requireCaller<StartedCourseRow>(principal, now, stages);

  const page = started.slice(0, limit);
  const last = started.length > limit ? page.at(-1)?.progress : undefined;
  return {
    items: page
      .filter(({ course: [course], grant: [grant] }) => course && canRead(course.access, caller, grant ?? null, now))
      .flatMap(continueItemOf),
    nextCursor: last === undefined ? null : encodeCursor(key, scope, formatPosition(last)),
  };
}

function formatPosition({ activeAt, courseId }: ActivityPosition): string {
  return JSON.stringify([activeAt.getTime(), courseId]);
}

function parsePosition(position: string): ActivityPosition {
  // The cursor is authentic, so formatPosition wrote it.
  const [activeAt, courseId] = JSON.parse(position) as [number, string];
  return { activeAt: new Date(activeAt), courseId };
}

function continueItemOf({ progress, course: [course] }: StartedCourseRow): ContinueItem[] {
  const outline = outlineOf(course);
  const lesson = outline === null ? null : lessonToContinue(outline, progress);
  if (course === undefined || lesson === null) return [];
  const { lessonsCompleted, lessonsTotal } = courseProgressSummaryOf(progress, outline);
  const { id, title, kind, durationSeconds } = lesson;
  const { position, furthest } = lessonProgressOf(id, progress.lessons[id]);
  return [
    {
      course: {
        id: progress.courseId,
        title: course.title,
        image: course.image === null ? null : withAssetUrls(course.image),
      },
      lesson: { id, title, kind, durationSeconds },
      position,
      furthest,
      fraction: fractionOf(lesson, position),
      lessonsCompleted,
      lessonsTotal,
      activeAt: progress.activeAt.toISOString(),
    },
  ];
}

function fractionOf({ kind, durationSeconds }: OutlineLesson, position: number): number {
  if (kind === 'article') return Math.min(1, position);
  return durationSeconds === null || durationSeconds === 0 ? 0 : Math.min(1, position / durationSeconds);
}
