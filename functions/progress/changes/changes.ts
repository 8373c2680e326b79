import { requireCaller } from '../../../shared/access/require-caller.ts';
import type { Input, Output } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import type { contract } from '../contract.ts';
import { type CourseProgress, courseProgressOf } from '../learner/course-progress.ts';
import { outlineOf } from '../learner/outline-repository.ts';
import { type ChangesPlace, decodePlace, encodePlace, settledBy } from './changes-cursor.ts';
import { type ChangeRow, changesStages } from './changes-repository.ts';

type ChangesRoute = (typeof contract)['routes']['GET /progress'];

/** Most lessons on a page, at some 200 bytes each: Lambda answers at most 6 MB. */
const MAX_LESSONS = 5000;

/**
 * Lists what changed of the learner's progress since a place, by course, oldest change first.
 * @throws Problem `invalid-request` for somebody else's cursor; `invalid-token`; `unavailable`.
 */
export async function listProgress(
  principal: Principal,
  { since, limit }: Input<ChangesRoute>['query'],
  now = new Date(),
): Promise<Output<ChangesRoute>> {
  const { userId } = principal;
  const place = since === undefined ? null : await decodePlace(userId, since);
  // One more than requested tells whether there are more.
  const stages = changesStages(userId, place?.after ?? null, limit + 1);
  const { asOf, furtherRows: changes } = await requireCaller<ChangeRow>(principal, now, stages);

  const page = pageOf(changes, limit);
  const hasMore = page.length < changes.length;
  const next = hasMore ? placeAfter(page, place, asOf) : placeAtEnd(place, asOf);
  return {
    items: page.map(({ progress, course }): CourseProgress => courseProgressOf(progress, outlineOf(course[0]))),
    cursor: await encodePlace(userId, next),
    hasMore,
  };
}

/** Returns as many changes as fit into one answer, and at least one. */
function pageOf(changes: readonly ChangeRow[], limit: number): readonly ChangeRow[] {
  let lessons = 0;
  const tooMany = changes.findIndex(({ progress }, index) => {
    lessons += Object.keys(progress.lessons).length;
    return index > 0 && lessons > MAX_LESSONS;
  });
  return changes.slice(0, tooMany === -1 ? limit : Math.min(limit, tooMany));
}

/** The place after a page in the middle: its last change, with a floor to return to if that change is recent. */
function placeAfter(page: readonly ChangeRow[], place: ChangesPlace | null, asOf: Date): ChangesPlace {
  const last = page.at(-1)?.progress;
  if (last === undefined) throw new Error('A page with more to come is empty');
  const settled = settledBy(asOf);
  return {
    after: { updatedAt: last.updatedAt, courseId: last.courseId },
    // The first recent page has the earliest floor, and keeps it.
    floor: place?.floor ?? (last.updatedAt > settled ? settled : null),
  };
}

/** The place at the end: everything before it was visible throughout this pass. */
function placeAtEnd(place: ChangesPlace | null, asOf: Date): ChangesPlace {
  return { after: { updatedAt: place?.floor ?? settledBy(asOf), courseId: '' }, floor: null };
}
