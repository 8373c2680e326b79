/** Which pages of a list are looked at: for a long one also the middle and the last. */
type Pages = 'first' | 'first, middle and last';

/** A request to the catalog. */
export interface CatalogCase {
  readonly what: string;
  readonly query: Readonly<Record<string, string>>;
  readonly pages: Pages;
}

const LONG = 'first, middle and last';

/** What is asked of the catalog: words and filters as common and as rare as vocabulary.ts makes them. */
export const CATALOG_CASES: readonly CatalogCase[] = [
  { what: 'no filter', query: {}, pages: LONG },
  { what: 'no filter, by title', query: { sort: 'title' }, pages: LONG },

  { what: 'language, common', query: { language: 'en' }, pages: LONG },
  { what: 'language, rare', query: { language: 'cy' }, pages: 'first' },
  { what: 'topic, common', query: { topic: 'programming' }, pages: 'first' },
  { what: 'topic, rare', query: { topic: 'campanology' }, pages: 'first' },
  { what: 'format', query: { format: 'audio' }, pages: 'first' },
  { what: 'level', query: { level: 'beginner' }, pages: 'first' },
  { what: 'level, by title', query: { level: 'beginner', sort: 'title' }, pages: LONG },

  { what: 'two filters, common', query: { language: 'en', level: 'beginner' }, pages: LONG },
  {
    what: 'four filters, common',
    query: { language: 'en', topic: 'programming', format: 'article', level: 'beginner' },
    pages: LONG,
  },
  { what: 'two filters, each rare', query: { language: 'cy', topic: 'campanology' }, pages: 'first' },
  { what: 'a common filter and a rare one', query: { level: 'beginner', language: 'cy' }, pages: 'first' },

  { what: 'word, common', query: { q: 'introduction' }, pages: LONG },
  { what: 'word, common, by title', query: { q: 'introduction', sort: 'title' }, pages: LONG },
  { what: 'word, rare', query: { q: 'glassblowing' }, pages: 'first' },
  { what: 'word that nothing has', query: { q: 'submarines' }, pages: 'first' },
  { what: 'two words, often together', query: { q: 'learn build' }, pages: LONG },
  { what: 'two words, common and rare', query: { q: 'learn campanology' }, pages: 'first' },
  { what: 'two words, each common, never together', query: { q: 'introduction workshop' }, pages: 'first' },
  {
    what: 'two words, each common, never together, by title',
    query: { q: 'introduction workshop', sort: 'title' },
    pages: 'first',
  },
  { what: 'two words, each common, seldom together', query: { q: 'introduction tools' }, pages: 'first' },
  { what: 'four words', query: { q: 'learn build understand explain' }, pages: 'first' },

  { what: 'common word and common filter', query: { q: 'learn', language: 'en' }, pages: LONG },
  { what: 'common word and rare filter', query: { q: 'learn', language: 'cy' }, pages: 'first' },
  { what: 'rare word and common filter', query: { q: 'glassblowing', level: 'beginner' }, pages: 'first' },
  { what: 'rare word and rare filter', query: { q: 'glassblowing', language: 'cy' }, pages: 'first' },
  {
    what: 'common word and common filter, never together',
    query: { q: 'campanology', topic: 'programming', level: 'advanced' },
    pages: 'first',
  },
];
