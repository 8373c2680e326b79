import type { JSONSchema } from '../http/json-schema.ts';
import { closedObject } from './closed-object.ts';

/** Query parameters of every list. */
export const pageQuery = {
  limit: {
    title: 'Limit',
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 20,
    description: 'Most items on a page.',
  },
  cursor: {
    title: 'Cursor',
    type: 'string',
    pattern: '^[A-Za-z0-9_-]+$',
    maxLength: 512,
    description: 'The `nextCursor` of the previous page. Opaque, and valid only with the same filters and order.',
  },
} as const;

/** One page of a list. */
export function pageOf<const Title extends string, const Item extends JSONSchema>(title: Title, item: Item) {
  return closedObject(
    {
      items: { type: 'array', items: item },
      nextCursor: { type: ['string', 'null'], description: 'Null at the end.' },
    },
    { title },
  );
}
