import type { LessonProgress, QueuedEvent } from './event.ts';
import { type Contact, type Piece, STAGES, type Stage } from './piece.ts';

export interface Entry {
  event: QueuedEvent;
  stage: Stage;
  /** The cell of the storage that it is in. */
  cell: number;
  /** When it happened, by the elapsed time of this run. */
  recordedAt?: number;
  /** When the server last refused it for now, by the elapsed time of this run. */
  refusedAt?: number;
}

/** What a part of the state is stored as: the events of one cell (`e0`), known lessons (`k0`), or the rest. */
export type Facet = `e${number}` | `k${number}` | 'rest';

/** Known lessons are divided by their course, so that a text stays small and a change writes little. */
export const KNOWN_PARTS = 16;

export interface QueueState {
  readonly entries: Map<string, Entry>;
  /** Ids of events that the server rejected in this run, which another tab may still have. */
  readonly rejected: Set<string>;
  known: Record<string, LessonProgress>;
  cursor: string | null;
  account: string | null;
  contact: Contact | null;
  /** What is not stored yet. */
  readonly unsaved: Set<Facet>;
}

export function newState(account: string | null): QueueState {
  return {
    entries: new Map(),
    rejected: new Set(),
    known: {},
    cursor: null,
    account,
    contact: null,
    unsaved: new Set(),
  };
}

/** The key of a lesson in `known`. */
export function keyOf({ courseId, lessonId }: { readonly courseId: string; readonly lessonId: string }): string {
  return `${courseId}/${lessonId}`;
}

/** Returns where the lesson with this key is stored. All lessons of a course are in one part. */
export function knownFacet(key: string): Facet {
  let sum = 0;
  for (const character of key.split('/')[0] ?? '') sum += character.charCodeAt(0);
  return `k${sum % KNOWN_PARTS}`;
}

export function entriesIn(state: QueueState, ...stages: readonly Stage[]): Entry[] {
  return [...state.entries.values()]
    .filter(({ stage }) => stages.includes(stage))
    .sort((a, b) => (a.event.eventId < b.event.eventId ? -1 : 1));
}

export function change(state: QueueState, entry: Entry, changes: Partial<Entry>): void {
  state.unsaved.add(`e${entry.cell}`);
  Object.assign(entry, changes);
  state.unsaved.add(`e${entry.cell}`);
}

/** A part of the state that is stored in one text. */
export interface Part {
  readonly index: number;
  readonly facets: readonly Facet[];
}

/** Events by their JSON, which is most of what is written. An event never changes, but is replaced. */
const written = new WeakMap<QueuedEvent, string>();

function jsonOf(event: QueuedEvent): string {
  const json = written.get(event) ?? JSON.stringify(event);
  written.set(event, json);
  return json;
}

/** Returns the text to store of a part of the state: a `Piece`. */
export function textOf(state: QueueState, { index, facets }: Part): string {
  const entries = facets.includes(`e${index}`) ? [...state.entries.values()].filter(({ cell }) => cell === index) : [];
  const lists = STAGES.map((wanted) => {
    const events = entries.flatMap(({ stage, event }) => (stage === wanted ? [jsonOf(event)] : []));
    return `"${wanted}":[${events.join()}]`;
  });
  const known = Object.entries(state.known).filter(([key]) => facets.includes(knownFacet(key)));
  const { account, contact, cursor } = state;
  const more: Omit<Piece, 'events'> = {
    version: 1,
    known: Object.fromEntries(known),
    ...(facets.includes('rest') && { account, contact, cursor }),
  };
  return `{${lists.join()},${JSON.stringify(more).slice(1)}`;
}

/**
 * Takes in what is stored, perhaps by another tab. What this queue has not stored yet stays as it is, except that an event gets
 * no less far. An event that is no longer stored was taken by the server, or written over: in doubt it is sent again, and the
 * server recognizes it.
 */
export function takeIn(state: QueueState, { index, facets }: Part, piece: Piece): void {
  const { entries, rejected, unsaved } = state;
  const facet: Facet = `e${index}`;
  const isSaved = !unsaved.has(facet);
  const stored = new Set<string>();
  for (const stage of STAGES) {
    for (const event of piece[stage] ?? []) {
      stored.add(event.eventId);
      const mine = entries.get(event.eventId);
      if (rejected.has(event.eventId)) unsaved.add(facet);
      else if (mine === undefined) entries.set(event.eventId, { event, stage, cell: index });
      else if (mine.cell === index && isSaved) Object.assign(mine, { event, stage });
      else if (STAGES.indexOf(stage) > STAGES.indexOf(mine.stage)) change(state, mine, { stage });
    }
  }
  for (const [eventId, { cell, stage }] of entries) {
    if (cell !== index || stored.has(eventId)) continue;
    if (stage === 'accepted' && isSaved) entries.delete(eventId);
    else unsaved.add(facet);
  }

  const takes = (part: Facet) => facets.includes(part) && !unsaved.has(part);
  for (const key of Object.keys(state.known)) if (takes(knownFacet(key))) delete state.known[key];
  for (const [key, lesson] of Object.entries(piece.known ?? {})) if (takes(knownFacet(key))) state.known[key] = lesson;
  if (takes('rest')) {
    const { account = null, contact = null, cursor = null } = piece;
    state.account ??= account;
    Object.assign(state, { contact, cursor });
  }
}
