import type { Answer } from '../response/answer.ts';

/** Largest answer that is cached, in bytes ("Cache settings for REST APIs in API Gateway"). */
const MAX_ENTRY_BYTES = 1024 * 1024;

/** Limits the memory of this process. The smallest cluster in AWS has 0.5 GB. */
const MAX_BYTES = 64 * 1024 * 1024;

export interface StageCache {
  /** Incremented by each flush: an answer that was requested before a flush must not be stored after it. */
  readonly generation: number;
  find(key: string): Answer | null;
  store(key: string, answer: Answer, ttlSeconds: number): void;
  flush(): void;
}

interface Entry {
  readonly answer: Answer;
  readonly bytes: number;
  readonly expiresAt: number;
}

/** Caches answers by key until they expire. Drops the least recently used when there are too many. */
export function createStageCache(now: () => Date, maxBytes = MAX_BYTES): StageCache {
  const entries = new Map<string, Entry>();
  let bytesHeld = 0;
  let generation = 0;

  function remove(key: string): void {
    bytesHeld -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  }

  return {
    get generation() {
      return generation;
    },
    find(key) {
      const entry = entries.get(key);
      if (entry === undefined) return null;
      entries.delete(key);
      if (entry.expiresAt <= now().getTime()) {
        bytesHeld -= entry.bytes;
        return null;
      }
      // The last entry of the map is the most recently used.
      entries.set(key, entry);
      return entry.answer;
    },
    store(key, answer, ttlSeconds) {
      remove(key);
      const bytes = sizeOf(key, answer);
      if (bytes > MAX_ENTRY_BYTES) return;
      entries.set(key, { answer, bytes, expiresAt: now().getTime() + ttlSeconds * 1000 });
      bytesHeld += bytes;
      for (const oldest of entries.keys()) {
        if (bytesHeld <= maxBytes) return;
        remove(oldest);
      }
    },
    flush() {
      generation += 1;
      entries.clear();
      bytesHeld = 0;
    },
  };
}

function sizeOf(key: string, answer: Answer): number {
  const headers = answer.headers.reduce((bytes, [name, value]) => bytes + name.length + value.length, 0);
  return key.length + headers + answer.body.length;
}
