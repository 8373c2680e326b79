import { isObject } from '../platform/http.ts';
import type { LessonProgress, QueuedEvent } from './event.ts';

/** What the server's clock showed at the last contact with it, and how far it was ahead of the device's. */
export interface Contact {
  readonly serverMs: number;
  readonly aheadMs: number;
}

/** How far an event has got. Named as in a piece, and in the order in which it gets there. */
export const STAGES = ['events', 'repeated', 'accepted'] as const;
export type Stage = (typeof STAGES)[number];

/**
 * A part of what is stored, as JSON: in one text all of it, in a key-value storage some of it. Queues from before there were
 * versions wrote the same, without `version`.
 */
export interface Piece {
  readonly version?: 1;
  /** Events that the server does not have yet. */
  readonly events: readonly QueuedEvent[];
  /** Accepted events to send again, because the server may have lost them. */
  readonly repeated?: readonly QueuedEvent[];
  /** The latest events that the server has accepted. */
  readonly accepted?: readonly QueuedEvent[];
  /** The server's last state of lessons, by course and lesson. */
  readonly known?: Readonly<Record<string, LessonProgress>>;
  readonly cursor?: string | null;
  /** The learner whose queue this is, once a token or the app has told. */
  readonly account?: string | null;
  readonly contact?: Contact | null;
}

/** Returns the piece, as far as it can be read, and whether that is all of it. */
export function readPiece(text: string): { readonly piece: Piece; readonly isWhole: boolean } {
  const body = parse(text);
  if (!isObject(body) || (body['version'] ?? 1) !== 1 || !Array.isArray(body['events'])) {
    return { piece: { events: [] }, isWhole: false };
  }
  const piece = body as unknown as Piece;
  const lists = STAGES.map((stage): [Stage, QueuedEvent[], number] => {
    const all: unknown = piece[stage] ?? [];
    return [stage, Array.isArray(all) ? all.filter(isEvent) : [], Array.isArray(all) ? all.length : -1];
  });
  return {
    piece: {
      ...piece,
      known: isObject(piece.known) ? piece.known : {},
      events: [],
      ...Object.fromEntries(lists.map(([stage, events]) => [stage, events])),
    },
    isWhole: lists.every(([, events, length]) => events.length === length),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isEvent(event: unknown): event is QueuedEvent {
  return (
    isObject(event) &&
    [event['eventId'], event['courseId'], event['lessonId']].every((member) => typeof member === 'string') &&
    typeof event['clockMs'] === 'number'
  );
}
