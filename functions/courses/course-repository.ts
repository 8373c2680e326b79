import type { Filter } from 'mongodb';
import { catalogKey } from '../../shared/catalog/keys.ts';
import { query } from '../../shared/db/client.ts';
import { COLLECTIONS, type CourseDocument, collection } from '../../shared/db/collections.ts';

/** A published course as readers see it, except that files are still references. */
export type PublishedCourse = NonNullable<CourseDocument['published']>;
export type PublishedSummary = Omit<PublishedCourse, 'modules'>;

/** What to list: one key of the catalog, words to find, an order, and the position to continue after. */
export interface CatalogQuery {
  readonly key: string;
  readonly terms: readonly string[] | null;
  readonly sort: 'newest' | 'title';
  readonly after: string | null;
}

/**
 * Each order is by one unique value, so that "after" is one comparison, and a page is one contiguous range of an index.
 */
const ORDERS = {
  newest: { field: 'catalog.byNewest', direction: -1, beyond: '$lt' },
  title: { field: 'catalog.byTitle', direction: 1, beyond: '$gt' },
} as const;

const UNFILTERED = catalogKey({});

/** Finds published courses in order, each with its position in that order. One round trip, by index. */
export async function findPublishedCourses(
  { key, terms, sort, after }: CatalogQuery,
  limit: number,
): Promise<readonly { readonly summary: PublishedSummary; readonly position: string }[]> {
  const { field, direction, beyond } = ORDERS[sort];
  const filter: Filter<CourseDocument> = {
    // Only published courses have terms, so a search without filters needs no key.
    ...((terms === null || key !== UNFILTERED) && { 'catalog.keys': key }),
    ...(terms !== null && { 'catalog.terms': { $all: [...terms] } }),
    ...(after !== null && { [field]: { [beyond]: after } }),
  };
  const found = await query((db) =>
    collection(db, COLLECTIONS.courses)
      .find<{ published: PublishedSummary; catalog: { byNewest: string; byTitle: string } }>(filter, {
        projection: {
          'published.modules': 0,
          'catalog.keys': 0,
          'catalog.terms': 0,
          everPublishedLessonIds: 0,
          lessonDates: 0,
          longestRecordings: 0,
        },
        sort: { [field]: direction },
        limit,
        singleBatch: true,
      })
      .toArray(),
  );
  return found.map(({ published, catalog }) => ({
    summary: published,
    position: sort === 'newest' ? catalog.byNewest : catalog.byTitle,
  }));
}

/** Finds a published course with its outline. Null if there is none. One round trip, by `_id`. */
export async function findPublishedCourse(courseId: string): Promise<PublishedCourse | null> {
  const found = await query((db) =>
    collection(db, COLLECTIONS.courses).findOne({ _id: courseId }, { projection: { published: 1 } }),
  );
  return found?.published ?? null;
}
