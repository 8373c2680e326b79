import { invalidBody } from '../../../shared/http/problem.ts';

/** How far a clock may be off before it is corrected, in milliseconds: more than a request takes on a bad network. */
export const CLOCK_TOLERANCE_MS = 30_000;

/** Converts a time of the device to the server's clock. */
export type DeviceClock = (occurredAt: Date) => Date;

/**
 * Derives the clock of a device from one request: it is off by the time between sending and receiving. No event
 * happened after it was received, whatever the device's clock says.
 * @param sentAt what the device's clock showed when it sent the request. Null if it did not say; then its clock is not
 * corrected.
 */
export function deviceClock(sentAt: Date | null, receivedAt: Date): DeviceClock {
  const offsetMs = sentAt === null ? 0 : receivedAt.getTime() - sentAt.getTime();
  const correctionMs = Math.abs(offsetMs) > CLOCK_TOLERANCE_MS ? offsetMs : 0;
  return (occurredAt) => new Date(Math.min(occurredAt.getTime() + correctionMs, receivedAt.getTime()));
}

/**
 * Parses a time that a device sent.
 * @throws Problem `invalid-request` for one that has the form of a time but does not exist, such as a leap second.
 */
export function parseDeviceTime(text: string, pointer: `/${string}`): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw invalidBody(pointer, 'must be a time');
  return time;
}

/**
 * Returns the learner's calendar day at a moment, such as `2026-11-30`.
 * @param occurredAt the same moment as the device sent it, with the learner's offset from UTC
 */
export function calendarDayOf(at: Date, occurredAt: string): string {
  const [, sign = '+', hours = 0, minutes = 0] = /([+-])(\d\d):?(\d\d)$/.exec(occurredAt) ?? [];
  const offsetMinutes = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  return new Date(at.getTime() + offsetMinutes * 60_000).toISOString().slice(0, 10);
}
