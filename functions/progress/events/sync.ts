import type { Input, Output } from '../../../shared/http/contract.ts';
import type { Principal } from '../../../shared/http/handler.ts';
import { type Problem, problemDescription } from '../../../shared/http/problem.ts';
import { encodePlace, placeBefore } from '../changes/changes-cursor.ts';
import type { contract } from '../contract.ts';
import { parseDeviceTime } from './device-clock.ts';
import { type EventOutcome, ingestEvents } from './ingest-events.ts';
import { isFinal } from './validate-event.ts';

type SyncRoute = (typeof contract)['routes']['POST /progress/sync'];
type Result = Output<SyncRoute>['results'][number];

/**
 * Ingests a batch of events and returns a result for each. An invalid event fails only itself.
 * @throws Problem as {@link ingestEvents} does; `invalid-request` if `sentAt` is not a time.
 */
export async function syncProgress(
  principal: Principal,
  { sentAt, events }: Input<SyncRoute>['body'],
  receivedAt = new Date(),
): Promise<Output<SyncRoute>> {
  const validEvents = events.flatMap((item, index) =>
    item.valid ? [{ event: item.value, pointer: `/events/${index}` }] : [],
  );
  const { learner, outcomes, courses } = await ingestEvents(
    principal,
    { sentAt: parseDeviceTime(sentAt, '/sentAt'), events: validEvents },
    receivedAt,
  );
  const nextOutcome = outcomes.values();
  const results = events.map((item) =>
    item.valid ? resultOf(nextOutcome.next().value as EventOutcome) : rejection(givenId(item.given), null, item.fault),
  );
  return { results, courses: [...courses], cursor: await encodePlace(principal.userId, placeBefore(learner.asOf)) };
}

function resultOf(outcome: EventOutcome): Result {
  const { event, status, lesson } = outcome;
  return outcome.status === 'rejected'
    ? rejection(event.eventId, lesson, outcome.reason)
    : { eventId: event.eventId, status, lesson };
}

function rejection(eventId: string | null, lesson: Result['lesson'], reason: Problem): Result {
  return { eventId, status: 'rejected', lesson, problem: problemDescription(reason), final: isFinal(reason) };
}

/** Returns the id of an invalid event, so that the device can match the result to it. Null if it has none. */
function givenId(given: unknown): string | null {
  const eventId = typeof given === 'object' && given !== null && 'eventId' in given ? given.eventId : null;
  return typeof eventId === 'string' ? eventId : null;
}
