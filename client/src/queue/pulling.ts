import { type Answer, isObject } from '../platform/http.ts';
import type { LessonProgress } from './event.ts';
import { failureOf, isProblem, type Send } from './requests.ts';
import { change, entriesIn, keyOf, knownFacet, type QueueState } from './state.ts';

interface ChangesAnswer {
  readonly items: readonly { readonly courseId: string; readonly lessons: readonly LessonProgress[] }[];
  readonly cursor: string;
  readonly hasMore: boolean;
}

export interface PullingOptions {
  readonly state: QueueState;
  readonly request: Send;
  readonly save: () => Promise<void>;
  readonly sendAll: () => Promise<void>;
  readonly onChange: () => void;
}

/** Returns a function that reads what other devices did since it was last called. */
export function openPulling({ state, request, save, sendAll, onChange }: PullingOptions): () => Promise<void> {
  async function take(answer: Answer): Promise<'more' | 'resend' | 'done'> {
    const { status, body } = answer;
    if (status === 400 && isProblem(body) && state.cursor !== null) {
      // The server no longer accepts the cursor, for example because its database was restored from a backup. Start from the
      // beginning, and send again what it may have lost: it recognizes the events that it has.
      state.cursor = null;
      state.unsaved.add('rest');
      for (const entry of entriesIn(state, 'accepted')) change(state, entry, { stage: 'repeated' });
      await save();
      return 'resend';
    }
    if (status !== 200 || !isChangesAnswer(body)) throw failureOf(answer);
    for (const { courseId, lessons } of body.items) {
      // An item has the whole course. It has no lessons if the learner has left.
      const course = keyOf({ courseId, lessonId: '' });
      state.unsaved.add(knownFacet(course));
      for (const key of Object.keys(state.known)) if (key.startsWith(course)) delete state.known[key];
      for (const lesson of lessons) state.known[keyOf({ courseId, lessonId: lesson.lessonId })] = lesson;
    }
    state.cursor = body.cursor;
    state.unsaved.add('rest');
    await save();
    if (body.items.length > 0) onChange();
    return body.hasMore ? 'more' : 'done';
  }

  return async () => {
    for (let next = 'more'; next !== 'done'; ) {
      const since = () => (state.cursor === null ? '' : `&since=${state.cursor}`);
      await request(
        async () => [`/progress?limit=100${since()}`],
        async (answer) => {
          next = await take(answer);
        },
      );
      if (next === 'resend') await sendAll();
    }
  };
}

function isChangesAnswer(body: unknown): body is ChangesAnswer {
  return isObject(body) && Array.isArray(body['items']) && typeof body['cursor'] === 'string';
}
