import { catalogKey } from '../../shared/catalog/keys.ts';
import { queryTerms } from '../../shared/catalog/terms.ts';
import type { Input, Output } from '../../shared/http/contract.ts';
import { decodeCursor, encodeCursor } from '../../shared/http/cursor.ts';
import { secret } from '../../shared/secrets.ts';
import type { contract } from './contract.ts';
import { findPublishedCourses } from './course-repository.ts';
import { withCoverUrl } from './outline.ts';

type ListRoute = (typeof contract)['routes']['GET /courses'];

/** Returns one page of the catalog, and where the next one starts. */
export async function listCourses(query: Input<ListRoute>['query']): Promise<Output<ListRoute>> {
  const { sort, limit, cursor, q } = query;
  const key = catalogKey(query);
  const terms = q === undefined ? null : queryTerms(q);
  if (terms?.length === 0) return { items: [], nextCursor: null };

  const scope = JSON.stringify(['GET /courses', sort, key, terms]);
  const cursorKey = await secret('CURSOR_KEY');
  const after = cursor === undefined ? null : decodeCursor(cursorKey, scope, cursor);

  // One more than requested tells whether there is a next page, without a second query.
  const found = await findPublishedCourses({ key, terms, sort, after }, limit + 1);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;

  return {
    items: page.map(({ summary }) => withCoverUrl(summary)),
    nextCursor: last === undefined ? null : encodeCursor(cursorKey, scope, last.position),
  };
}
