import { defineContract } from '../../../../shared/http/contract.ts';
import type { Route } from '../../../../shared/http/route.ts';
import { answerSchema, bodySchema, pathProperties, queryProperties } from '../../work/schemas.ts';

const route = {
  summary: 'Records a position',
  path: pathProperties,
  query: queryProperties,
  body: bodySchema,
  responses: { 200: answerSchema },
  problems: [],
} as const satisfies Omit<Route, 'operationId' | 'auth'>;

export const contract = defineContract({
  'POST /courses/{courseId}/lessons/{lessonId}/positions': { ...route, operationId: 'record', auth: 'learner' },
  // The same without a token: what is left is the framework alone.
  'POST /open/courses/{courseId}/lessons/{lessonId}/positions': { ...route, operationId: 'recordOpen', auth: 'public' },
});
