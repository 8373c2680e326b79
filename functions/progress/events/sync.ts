import type { Input, Output } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { type Problem, problemDescription } from '../../../shared/http/problem.ts';
import { placeBefore, sealPlace } from '../changes/changes-cursor.ts';
import type { contract } from '../contract.ts';
import { deviceTime } from './device-clock.ts';
import { type EventOutcome, takeReport } from './ingest-events.ts';

type SyncRoute = (typeof contract)['routes']['POST /progress/sync'];
type Result = Output<SyncRoute>['results'][number];

/**
 * Takes a batch of events, each by itself, and answers what became of each.
 * @throws Problem as {@link takeReport} does; `invalid-request` for a `sentAt` that is no time.
 */
export async function syncProgress(
  principal: Principal,
  { sentAt, events }: Input<SyncRoute>['body'],
  receivedAt = new Date(),
): Promise<Output<SyncRoute>> {
  const sound = events.flatMap((item, index) =>
    item.valid ? [{ event: item.value, pointer: `/events/${index}` }] : [],
  );
  const { learner, outcomes, courses } = await takeReport(
    principal,
    { sentAt: deviceTime(sentAt, '/sentAt'), events: sound },
    receivedAt,
  );
  const waiting = outcomes.values();
  const results = events.map((item) =>
    item.valid ? resultOf(waiting.next().value as EventOutcome) : rejection(givenId(item.given), null, item.fault),
  );
  return { results, courses: [...courses], cursor: await sealPlace(principal.userId, placeBefore(learner.asOf)) };
}

function resultOf(outcome: EventOutcome): Result {
  const { event, status, lesson } = outcome;
  return outcome.status === 'rejected'
    ? rejection(event.eventId, lesson, outcome.fault)
    : { eventId: event.eventId, status, lesson };
}

function rejection(eventId: string | null, lesson: Result['lesson'], fault: Problem): Result {
  return { eventId, status: 'rejected', lesson, problem: problemDescription(fault) };
}

/** The id of an event that is not valid otherwise, so that the device knows which one it was. */
function givenId(given: unknown): string | null {
  const eventId = typeof given === 'object' && given !== null && 'eventId' in given ? given.eventId : null;
  return typeof eventId === 'string' ? eventId : null;
}
