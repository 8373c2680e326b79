import type { Static } from '../../../shared/http/json-schema.ts';
import type { answerSchema, bodySchema, pathSchema, querySchema } from './schemas.ts';

/** Who a token says is calling. */
export interface Learner {
  readonly userId: string;
  readonly sessionId: string;
  readonly roles: readonly string[];
}

export interface PositionRequest {
  readonly path: Static<typeof pathSchema>;
  readonly query: Required<Static<typeof querySchema>>;
  readonly body: Static<typeof bodySchema>;
}

export type PositionAnswer = Static<typeof answerSchema>;

/** What the route does: next to nothing, since what is measured is everything around it. */
export function recordPosition({ path, query, body }: PositionRequest, learner: Learner | null): PositionAnswer {
  const { eventId, occurredAt, position, completed = false, device } = body;
  return {
    learner: learner && { userId: learner.userId, sessionId: learner.sessionId, roles: [...learner.roles] },
    courseId: path.courseId,
    lessonId: path.lessonId,
    eventId,
    unit: query.unit,
    position,
    completed,
    updatedAt: occurredAt,
    history: Array.from({ length: query.history }, (_, index) => ({
      position: position / (index + 1),
      device: device.id,
    })),
  };
}
