import { requireCaller } from '../../../shared/access/require-caller.ts';
import type { Input, Output } from '../../../shared/http/contract.ts';
import { decodeCursor, encodeCursor } from '../../../shared/http/cursor.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { secret } from '../../../shared/secrets.ts';
import type { contract } from '../contract.ts';
import { type PlayedDayRow, playedDaysStages } from './days-repository.ts';

type DaysRoute = (typeof contract)['routes']['GET /progress/days'];
type PlayedDay = Output<DaysRoute>['items'][number];

/**
 * Lists the days on which a learner played something, newest first, with the courses that they played.
 * @throws Problem `invalid-request` for a cursor of another list; `invalid-token`; `unavailable`.
 */
export async function listPlayedDays(
  principal: Principal,
  { limit, cursor, from, to }: Input<DaysRoute>['query'],
  now = new Date(),
): Promise<Output<DaysRoute>> {
  const key = await secret('CURSOR_KEY');
  const scope = JSON.stringify(['progress/days', principal.userId, from, to]);
  const after = cursor === undefined ? undefined : decodeCursor(key, scope, cursor);
  // One more than requested tells whether there are more.
  const stages = playedDaysStages(principal.userId, { from, to, after }, limit + 1);
  const { furtherRows: days } = await requireCaller<PlayedDayRow>(principal, now, stages);

  const page = days.slice(0, limit);
  const last = days.length > limit ? page.at(-1) : undefined;
  return {
    items: page.map(playedDayOf),
    nextCursor: last === undefined ? null : encodeCursor(key, scope, last.day),
  };
}

function playedDayOf({ day, courses }: PlayedDayRow): PlayedDay {
  const mostPlayedFirst = courses.toSorted((a, b) => b.playedMs - a.playedMs || (a.courseId < b.courseId ? -1 : 1));
  return {
    day,
    secondsPlayed: courses.reduce((sum, { playedMs }) => sum + playedMs, 0) / 1000,
    courses: mostPlayedFirst.map(({ courseId, playedMs }) => ({ courseId, secondsPlayed: playedMs / 1000 })),
  };
}
