import { closedObject } from './closed-object.ts';

/** One error in a request. */
export const violation = closedObject(
  {
    in: { type: 'string', enum: ['body', 'query', 'path', 'header'] },
    pointer: { type: 'string', description: 'A JSON Pointer (RFC 6901) into that part.' },
    message: { type: 'string' },
  },
  { title: 'Violation', examples: [{ in: 'query', pointer: '/limit', message: 'must be <= 100' }] },
);

/** The problem of one item among many, without a request id. */
export const itemProblem = closedObject(
  {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    errors: { type: 'array', items: violation },
  },
  {
    optional: ['errors'],
    title: 'ItemProblem',
    description: 'The problem with this item, in the form of every other problem.',
    examples: [
      {
        type: 'urn:lectern:problem:not-found',
        title: 'Not found',
        status: 404,
        detail: 'The course has no such lesson.',
        code: 'not-found',
      },
    ],
  },
);
