import { problem } from '../../../shared/http/problem.ts';

/** How far a clock may be off before it is corrected, in milliseconds: more than a request takes on a bad network. */
const TOLERANCE_MS = 30_000;

/** Turns the times of a device into ours. */
export type DeviceClock = (occurredAt: Date) => Date;

/**
 * The clock of a device, as one request shows it: how far it is off is what lies between its sending and our receiving.
 * Nothing has happened later than it was received, whatever a clock says.
 * @param sentAt what the device's clock showed when it sent the request; null where it did not say, and is taken for right
 */
export function deviceClock(sentAt: Date | null, receivedAt: Date): DeviceClock {
  const offsetMs = sentAt === null ? 0 : receivedAt.getTime() - sentAt.getTime();
  const correctionMs = Math.abs(offsetMs) > TOLERANCE_MS ? offsetMs : 0;
  return (occurredAt) => new Date(Math.min(occurredAt.getTime() + correctionMs, receivedAt.getTime()));
}

/**
 * A time that a device sent.
 * @throws Problem `invalid-request` for what has the form of a time and is none, such as a leap second.
 */
export function deviceTime(text: string, pointer: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) {
    const errors = [{ in: 'body', pointer, message: 'must be a time' }] as const;
    throw problem('invalid-request', { detail: 'The body of the request is not valid.', errors });
  }
  return time;
}
