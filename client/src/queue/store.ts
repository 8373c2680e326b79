import { TimeLimitExceeded } from '../platform/time-limit.ts';
import type { KeyValueStorage } from '../storage.ts';
import { WrongAccount } from './account.ts';
import { type Cell, type Place, readAgain, readPatiently, write } from './cell.ts';
import { readPiece } from './piece.ts';
import { change, type Facet, KNOWN_PARTS, type QueueState, takeIn, textOf } from './state.ts';

/** A storage of one text. `save` must replace it atomically, as IndexedDB and files that are renamed do. */
export interface QueueStorage {
  load(): Promise<string | null>;
  save(text: string): Promise<void>;
}

/** A stored text that could not be read, or not all of it. */
export interface Unreadable {
  /** Where it was. Null in a storage of one text. */
  readonly key: string | null;
  /** Where it is now. Null if the storage could not read it, so that it stays where it was, or if it has one text only. */
  readonly keptAs: string | null;
  /** Null if the storage could not read it. */
  readonly text: string | null;
}

export interface Store {
  /** Takes in what another tab has changed, and stores what this queue has. */
  save(): Promise<void>;
  /** The cell for one more event. */
  cellForEvent(): number;
}

export interface StoreOptions {
  readonly storage: QueueStorage | KeyValueStorage;
  /** What all keys start with. */
  readonly prefix: string;
  /** Does work while no other tab does work of that name. */
  readonly inTurn: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  readonly onUnreadable: (text: Unreadable) => void;
  /** Called when another tab has changed something. */
  readonly onNews: () => void;
}

/** Events in one text of a key-value storage: some 20 KB, which is written with each event. */
const EVENTS_IN_CELL = 100;
/** Texts of events are numbered. How many may be missing in between. */
const MISSING = 3;
/** How often a text is written again because another queue has replaced it at the same time. */
const ROUNDS = 3;

const KNOWN_FACETS = Array.from({ length: KNOWN_PARTS }, (_, part): Facet => `k${part}`);

/** Reads what is stored into the state. */
export async function openStore(state: QueueState, options: StoreOptions): Promise<Store> {
  const { storage, prefix, inTurn, onUnreadable, onNews } = options;
  const { unsaved } = state;
  const pairs = 'getItem' in storage ? storage : null;
  const cells: Cell[] = [];
  /** Cells for events, by number. */
  const eventCells: Cell[] = [];
  const stamp = pairs && placeAt(pairs, `${prefix}/stamp`);
  let seenStamp: string | null = null;
  let saving: Promise<void> | undefined;

  function addCell(place: Place, key: string | null, index: number, ...facets: readonly Facet[]): Cell {
    const cell = { ...place, key, index, facets, seen: null, unreadable: null, isClosed: false };
    cells.push(cell);
    return cell;
  }

  function eventCell(index: number): Cell {
    const key = `${prefix}/e${index}`;
    const cell = eventCells[index] ?? addCell(placeAt(pairs as KeyValueStorage, key), key, index, `e${index}`);
    eventCells[index] = cell;
    return cell;
  }

  /** Puts a text aside that cannot be read, and goes on with what can be read of it. */
  async function putAside(cell: Cell, text: string | null): Promise<void> {
    let keptAs: string | null = null;
    if (pairs && text !== null) {
      keptAs = `${cell.key}/unreadable-${Date.now()}`;
      await write(placeAt(pairs, keptAs), text, () => undefined).catch(() => {
        keptAs = null;
      });
    }
    // Never written over, unless it is kept or the server has the same.
    cell.isClosed = pairs !== null && keptAs === null && cell.index >= 0;
    for (const facet of cell.facets) unsaved.add(facet);
    onUnreadable({ key: cell.key, keptAs, text });
  }

  /** Returns whether there is a text. */
  async function readCell(cell: Cell, read: (place: Place) => Promise<string | null>): Promise<boolean> {
    let text: string | null;
    try {
      text = await read(cell);
    } catch {
      await putAside(cell, null);
      return true;
    }
    if (text === null || text === cell.seen) return text !== null;
    cell.seen = text;
    const { piece, isWhole } = readPiece(text);
    if (piece.account && state.account && piece.account !== state.account) {
      throw new WrongAccount('The stored progress is of another account');
    }
    if (isWhole || piece.events.length > 0) takeIn(state, cell, piece);
    if (!isWhole && text !== cell.unreadable) {
      cell.unreadable = text;
      await putAside(cell, text);
    }
    return true;
  }

  async function readCells(read: (place: Place) => Promise<string | null>): Promise<void> {
    for (const cell of cells.filter(({ index }) => !pairs || index < 0)) await readCell(cell, read);
    for (let index = 0, missing = 0; pairs && missing < MISSING; index += 1) {
      missing = (await readCell(eventCell(index), read)) ? 0 : missing + 1;
    }
  }

  async function refresh(): Promise<void> {
    const text = await readAgain(stamp ?? (cells[0] as Cell));
    if (text === null || text === (stamp ? seenStamp : cells[0]?.seen)) return;
    seenStamp = text;
    await readCells(readAgain);
    onNews();
  }

  async function writeCells(isRetry = false): Promise<void> {
    let failure: unknown;
    let isLate = false;
    for (const cell of [...cells]) {
      const facets = cell.facets.filter((facet) => unsaved.has(facet));
      if (facets.length === 0 || cell.isClosed) continue;
      // Another tab may have written it without its stamp, or without a lock.
      if (pairs) await readCell(cell, readAgain);
      for (const facet of facets) unsaved.delete(facet);
      const text = textOf(state, cell);
      try {
        await write(cell, text, () => {
          // It may have replaced a newer text.
          cell.isClosed = false;
          for (const facet of cell.facets) unsaved.add(facet);
          void save().catch(() => undefined);
        });
        cell.seen = text;
      } catch (error) {
        for (const facet of facets) unsaved.add(facet);
        if (isRetry || !(error instanceof TimeLimitExceeded)) failure = error;
        else isLate = true;
        if (isLate && pairs && cell.index >= 0) {
          // Its events go to another cell, which the late write does not replace.
          cell.isClosed = true;
          for (const entry of state.entries.values()) {
            if (entry.cell === cell.index) change(state, entry, { cell: cellForEvent() });
          }
        }
      }
    }
    if (isLate) await writeCells(true);
    if (failure !== undefined) throw failure;
  }

  async function saveNow(): Promise<void> {
    await refresh();
    if (unsaved.size === 0) return;
    if (stamp) {
      // Before the rest, so that other tabs read it again even if this one ends in between.
      seenStamp = `${Date.now()}-${Math.random()}`;
      await write(stamp, seenStamp, () => undefined).catch(() => undefined);
    }
    await writeCells();
  }

  function save(): Promise<void> {
    saving ??= inTurn('storage', async () => {
      saving = undefined;
      for (let round = 0; round < ROUNDS; round += 1) {
        await saveNow();
        if (pairs) return;
        // Two queues on one text may have no lock in common. The other one may have written between reading and writing.
        await refresh();
        if (unsaved.size === 0) return;
      }
    });
    return saving;
  }

  function cellForEvent(): number {
    if (!pairs) return 0;
    const counts: number[] = [];
    for (const { cell } of state.entries.values()) counts[cell] = (counts[cell] ?? 0) + 1;
    const free = eventCells.find(({ index, isClosed }) => !isClosed && (counts[index] ?? 0) < EVENTS_IN_CELL);
    return (free ?? eventCell(eventCells.length)).index;
  }

  if (pairs) {
    for (const facet of [...KNOWN_FACETS, 'rest'] as const) {
      addCell(placeAt(pairs, `${prefix}/${facet}`), `${prefix}/${facet}`, -1, facet);
    }
  } else {
    const text = storage as QueueStorage;
    const place: Place = { load: () => text.load(), save: (next) => text.save(next) };
    eventCells.push(addCell(place, null, 0, 'e0', ...KNOWN_FACETS, 'rest'));
  }
  if (stamp) seenStamp = await readAgain(stamp);
  await readCells(readPatiently);
  return { save, cellForEvent };
}

function placeAt(storage: KeyValueStorage, key: string): Place {
  return { load: () => storage.getItem(key), save: (text) => storage.setItem(key, text) };
}
