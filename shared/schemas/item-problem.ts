import { closedObject } from './closed-object.ts';
/** The problem of one item among many, without a request id. */
export const itemProblem = closedObject(
  {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    errors: {
      type: 'array',
      items: closedObject({ in: { type: 'string' }, pointer: { type: 'string' }, message: { type: 'string' } }),
    },
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
