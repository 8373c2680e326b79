import { TimeLimitExceeded, withinTime } from '../platform/time-limit.ts';
import type { Part } from './state.ts';

/** No read and no write is waited for longer, so that one that never ends holds up nothing. */
const STORAGE_LIMIT_MS = 1000;
/** When the app starts, the device has much else to do. */
const OPENING_LIMIT_MS = 2000;
/** A storage that fails for a moment is asked again after these delays. */
const RETRY_MS = [0, 100, 300];

/** A place for one text in the app's storage. */
export interface Place {
  load(): Promise<string | null> | string | null;
  save(text: string): Promise<unknown> | unknown;
}

/** A place, the part of the state that it is for, and what is known of its text. */
export interface Cell extends Place, Part {
  readonly key: string | null;
  /** The text that was last read or written. */
  seen: string | null;
  /** The last text that could not be read. */
  unreadable: string | null;
  /** It could not be read, or a write has not ended yet. Until then, events go elsewhere if they can. */
  isClosed: boolean;
}

/**
 * Reads a text with patience, as the queue opens.
 * @throws what the storage throws each time, or TimeLimitExceeded
 */
export async function readPatiently(place: Place): Promise<string | null> {
  let failure: unknown;
  for (const delayMs of RETRY_MS) {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    try {
      return await withinTime(OPENING_LIMIT_MS, load(place));
    } catch (error) {
      failure = error;
      if (error instanceof TimeLimitExceeded) break;
    }
  }
  throw failure;
}

/** Reads a text again, to see whether somebody else has changed it. Null if it cannot be read. */
export function readAgain(place: Place): Promise<string | null> {
  return withinTime(STORAGE_LIMIT_MS, load(place)).catch(() => null);
}

/**
 * Writes a text.
 * @param onLate called when a write ends after its time limit. It may have replaced a newer text.
 * @throws what the storage throws, or TimeLimitExceeded
 */
export async function write(place: Place, text: string, onLate: () => void): Promise<void> {
  const writing = (async () => place.save(text))();
  try {
    await withinTime(STORAGE_LIMIT_MS, writing);
  } catch (error) {
    if (error instanceof TimeLimitExceeded) void writing.then(onLate, onLate);
    throw error;
  }
}

async function load(place: Place): Promise<string | null> {
  return place.load();
}
