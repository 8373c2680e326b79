/** The problem of one item among many, without a request id. */
export const itemProblem = {
  title: 'ItemProblem',
  description: 'The problem with this item, in the form of every other problem.',
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { in: { type: 'string' }, pointer: { type: 'string' }, message: { type: 'string' } },
        required: ['in', 'pointer', 'message'],
        additionalProperties: false,
      },
    },
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
  additionalProperties: false,
  examples: [
    {
      type: 'urn:lectern:problem:not-found',
      title: 'Not found',
      status: 404,
      detail: 'The course has no such lesson.',
      code: 'not-found',
    },
  ],
} as const;
