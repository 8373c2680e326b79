import type { Input, Output } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import type { contract } from '../contract.ts';
import { type CourseProgress, courseProgressOf } from '../learner/course-progress.ts';
import { requireAlive } from '../learner/learner.ts';
import { type FeedPlace, openPlace, sealPlace, settledBy } from './changes-cursor.ts';
import { type Change, findChanges } from './changes-repository.ts';

type FeedRoute = (typeof contract)['routes']['GET /progress'];

/** Lessons that a page holds at the most, some 200 bytes each: Lambda answers no more than 6 MB. */
const MAX_LESSONS = 5000;

/**
 * What changed of a learner's progress since a place in the feed, by course, oldest change first.
 * @throws Problem `invalid-request` for a cursor of somebody else; `invalid-token`; `unavailable`.
 */
export async function listProgress(
  principal: Principal,
  { since, limit }: Input<FeedRoute>['query'],
  now = new Date(),
): Promise<Output<FeedRoute>> {
  const { userId } = principal;
  const place = since === undefined ? null : await openPlace(userId, since);
  // One more than asked for, to know whether there is more.
  const found = requireAlive(await findChanges(principal, place?.after ?? null, limit + 1), now);

  const page = pageOf(found.changes, limit);
  const hasMore = page.length < found.changes.length;
  const next = hasMore ? placeAfter(page, place, found.asOf) : placeAtEnd(place, found.asOf);
  return {
    items: page.map(({ progress, outline }): CourseProgress => courseProgressOf(progress, outline)),
    cursor: await sealPlace(userId, next),
    hasMore,
  };
}

/** As many changes as fit into one answer, and one at least. */
function pageOf(changes: readonly Change[], limit: number): readonly Change[] {
  let lessons = 0;
  const tooMany = changes.findIndex(({ progress }, index) => {
    lessons += Object.keys(progress.lessons).length;
    return index > 0 && lessons > MAX_LESSONS;
  });
  return changes.slice(0, tooMany === -1 ? limit : Math.min(limit, tooMany));
}

/** In the middle: after the last change handed out, with a note to come back if that is close to the present. */
function placeAfter(page: readonly Change[], place: FeedPlace | null, asOf: Date): FeedPlace {
  const last = page.at(-1)?.progress;
  if (last === undefined) throw new Error('A page with more to come is empty');
  const settled = settledBy(asOf);
  return {
    after: { updatedAt: last.updatedAt, courseId: last.courseId },
    // The first page to come so close has the earliest of these times, as the clock only goes on.
    floor: place?.floor ?? (last.updatedAt > settled ? settled : null),
  };
}

/** At the end: as far as everything was in view, all through this pass. */
function placeAtEnd(place: FeedPlace | null, asOf: Date): FeedPlace {
  return { after: { updatedAt: place?.floor ?? settledBy(asOf), courseId: '' }, floor: null };
}
