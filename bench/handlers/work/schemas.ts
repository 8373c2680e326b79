import { slug } from '../../../shared/schemas/course.ts';

/*
 * The request that every handler checks, once as JSON Schema. It is the shape of a progress write: text to be coerced
 * in path and query, a default, and a body with an object inside and two formats.
 */

export const pathProperties = { courseId: slug, lessonId: slug } as const;

export const queryProperties = {
  unit: { type: 'string', enum: ['seconds', 'fraction'], default: 'seconds' },
  history: { type: 'integer', minimum: 0, maximum: 20, default: 5 },
} as const;

export const bodySchema = {
  type: 'object',
  properties: {
    eventId: { type: 'string', format: 'uuid' },
    occurredAt: { type: 'string', format: 'date-time' },
    position: { type: 'number', minimum: 0 },
    completed: { type: 'boolean', default: false },
    device: {
      type: 'object',
      properties: {
        id: { type: 'string', minLength: 1, maxLength: 64 },
        platform: { type: 'string', enum: ['ios', 'android', 'web'] },
      },
      required: ['id', 'platform'],
      additionalProperties: false,
    },
  },
  required: ['eventId', 'occurredAt', 'position', 'device'],
  additionalProperties: false,
} as const;

/** Path and query as whole schemas, for the frameworks that want those. */
export const pathSchema = {
  type: 'object',
  properties: pathProperties,
  required: ['courseId', 'lessonId'],
  additionalProperties: false,
} as const;

export const querySchema = { type: 'object', properties: queryProperties, additionalProperties: false } as const;

export const answerSchema = {
  type: 'object',
  properties: {
    learner: {
      type: ['object', 'null'],
      properties: {
        userId: { type: 'string' },
        sessionId: { type: 'string' },
        roles: { type: 'array', items: { type: 'string' } },
      },
      required: ['userId', 'sessionId', 'roles'],
      additionalProperties: false,
    },
    courseId: { type: 'string' },
    lessonId: { type: 'string' },
    eventId: { type: 'string' },
    unit: { type: 'string' },
    position: { type: 'number' },
    completed: { type: 'boolean' },
    updatedAt: { type: 'string' },
    history: {
      type: 'array',
      items: {
        type: 'object',
        properties: { position: { type: 'number' }, device: { type: 'string' } },
        required: ['position', 'device'],
        additionalProperties: false,
      },
    },
  },
  required: ['learner', 'courseId', 'lessonId', 'eventId', 'unit', 'position', 'completed', 'updatedAt', 'history'],
  additionalProperties: false,
} as const;
