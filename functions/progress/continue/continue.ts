import { canRead } from '../../../shared/access/can-read.ts';
import { withAssetUrls } from '../../../shared/assets.ts';
import type { Input, Output } from '../../../shared/http/contract.ts';
import { openCursor, sealCursor } from '../../../shared/http/cursor.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { secret } from '../../../shared/secrets.ts';
import type { contract } from '../contract.ts';
import { courseProgressSummaryOf } from '../learner/course-progress.ts';
import { requireAlive } from '../learner/learner.ts';
import { type OutlineLesson, outlineOf } from '../learner/learner-repository.ts';
import { type ActivityPosition, findStartedCourses, type StartedCourse } from './continue-repository.ts';
import { lessonToContinue } from './lesson-to-continue.ts';

type ContinueRoute = (typeof contract)['routes']['GET /progress/continue'];
type ContinueItem = Output<ContinueRoute>['items'][number];

/**
 * What a learner may resume, the newest activity first. A page is of courses that were begun: it is shorter by those
 * that cannot be read any more, or have nothing left in them.
 * @throws Problem `invalid-request` for a cursor of another list; `invalid-token`; `unavailable`.
 */
export async function listCoursesToContinue(
  principal: Principal,
  { limit, cursor }: Input<ContinueRoute>['query'],
  now = new Date(),
): Promise<Output<ContinueRoute>> {
  const key = await secret('CURSOR_KEY');
  const scope = `progress/continue ${principal.userId}`;
  const after = cursor === undefined ? null : parsePosition(openCursor(key, scope, cursor));
  // One more than asked for, to know whether there is more.
  const { started, account } = requireAlive(await findStartedCourses(principal, after, limit + 1), now);

  const page = started.slice(0, limit);
  const last = started.length > limit ? page.at(-1)?.progress : undefined;
  return {
    items: page
      .filter(({ course, grant }) => course !== null && canRead(course.access, account, grant, now))
      .flatMap(continueItemOf),
    nextCursor:
      last === undefined ? null : sealCursor(key, scope, JSON.stringify([last.activeAt.getTime(), last.courseId])),
  };
}

function parsePosition(position: string): ActivityPosition {
  // What was sealed is what is written above.
  const [activeAt, courseId] = JSON.parse(position) as [number, string];
  return { activeAt: new Date(activeAt), courseId };
}

function continueItemOf({ progress, course }: StartedCourse): ContinueItem[] {
  const outline = outlineOf(course ?? undefined);
  const lesson = outline === null ? null : lessonToContinue(outline, progress);
  if (course === null || lesson === null) return [];
  const { lessonsCompleted, lessonsTotal } = courseProgressSummaryOf(progress, outline);
  const { id, title, kind, durationSeconds } = lesson;
  const position = progress.lessons[id]?.position?.value ?? 0;
  return [
    {
      course: {
        id: progress.courseId,
        title: course.title,
        image: course.image === null ? null : withAssetUrls(course.image),
      },
      lesson: { id, title, kind, durationSeconds },
      position,
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
