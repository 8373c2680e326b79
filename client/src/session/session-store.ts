import { withinTime } from '../platform/time-limit.ts';
import type { KeyValueStorage } from '../storage.ts';
import { locked } from './locked.ts';
import { siblings } from './siblings.ts';
import { parse, type StoredSession, serialize } from './stored-session.ts';

/** The one key. Of characters that secure storages accept too. */
const KEY = 'lectern.session';
const LOCK = 'lectern.session.stored';

/** A storage that has not answered by then has failed. */
const STORAGE_TIMEOUT_MS = 5000;
/** Longer than two tabs work with a storage that never answers. */
const LOCK_TIMEOUT_MS = 8 * STORAGE_TIMEOUT_MS;

type Change = (stored: StoredSession) => StoredSession;

export interface UpdateOptions {
  /** What to keep in memory if the change could not be stored. By default the change. */
  readonly ifUnsaved?: Change;
  /** Whether to replace even what could not be read. */
  readonly overwrite?: boolean;
  /** Whether memory changes at once, before the storage is read. */
  readonly atOnce?: boolean;
}

/** The stored session, shared with other tabs, and a copy in memory that survives faults of the storage. */
export interface SessionStore {
  current(): StoredSession;
  /** Whether the storage may have news that could not be read yet. */
  isOutdated(): boolean;
  /** Reads what other tabs have stored. */
  sync(): Promise<void>;
  /** Reads, changes and stores in one step that no other tab interrupts. Storage faults do not fail it. */
  update(change: Change, options?: UpdateOptions): Promise<void>;
  close(): void;
}

export async function openSessionStore(
  storage: KeyValueStorage,
  empty: StoredSession,
  onChange: (before: StoredSession, after: StoredSession) => void,
  onUnreadable: () => void,
): Promise<SessionStore> {
  let stored = empty;
  let outdated = true;
  /** The text in the storage, as last read or written. Undefined if unknown. */
  let seen: string | null | undefined;
  // A write that failed may still happen. If it was the last one, it counts; an overtaken one must not.
  let unconfirmed: string | undefined;
  const overtaken = new Set<string>();
  let atOnce: Change[] = [];

  const others = siblings(() => {
    outdated = true;
    void sync();
  });

  function set(next: StoredSession): void {
    const before = stored;
    stored = atOnce.reduce((value, change) => change(value), next);
    onChange(before, stored);
  }

  async function read(): Promise<void> {
    let text: string | null;
    try {
      text = await withinTime(STORAGE_TIMEOUT_MS, (async () => storage.getItem(KEY))());
    } catch {
      return; // Still outdated, which callers check.
    }
    outdated = false;
    if (text === seen || (text !== null && overtaken.has(text))) return;
    seen = text;
    const found = text === null ? null : parse(text);
    if (found !== null) {
      const isElsewhere = found.ended === 'signed-out' && stored.account !== null;
      set(isElsewhere ? { ...found, ended: 'other-tab' } : found);
    } else if (text === null) {
      if (stored.account !== null) set({ ...stored, account: null, ended: 'storage' });
    } else if (stored === empty) {
      set({ ...stored, ended: 'storage' });
      onUnreadable();
    } else {
      await write(stored);
    }
  }

  async function write(next: StoredSession): Promise<boolean> {
    const text = serialize(next, Math.random());
    if (unconfirmed !== undefined) overtaken.add(unconfirmed);
    unconfirmed = text;
    if (await succeeds(async () => storage.setItem(KEY, text))) {
      seen = text;
    } else if (next.account === null && (await succeeds(async () => storage.removeItem(KEY)))) {
      // Tokens must not stay, and a full storage still removes.
      seen = null;
      overtaken.add(text);
    } else {
      return false;
    }
    unconfirmed = undefined;
    others.tell();
    return true;
  }

  async function sync(): Promise<void> {
    await locked(LOCK, LOCK_TIMEOUT_MS, read).catch(() => undefined);
  }

  async function update(change: Change, options: UpdateOptions = {}): Promise<void> {
    const { ifUnsaved = change, overwrite = false } = options;
    if (options.atOnce) {
      atOnce.push(change);
      set(stored);
    }
    await locked(LOCK, LOCK_TIMEOUT_MS, async () => {
      await read();
      atOnce = atOnce.filter((each) => each !== change);
      if (overwrite) outdated = false;
      const next = change(stored);
      if (next === stored && typeof seen === 'string' && unconfirmed === undefined) return;
      const isSaved = !outdated && (await write(next));
      set(isSaved ? next : ifUnsaved(stored));
    });
  }

  await sync();
  return { current: () => stored, isOutdated: () => outdated, sync, update, close: others.close };
}

async function succeeds(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await withinTime(STORAGE_TIMEOUT_MS, work());
    return true;
  } catch {
    return false;
  }
}
