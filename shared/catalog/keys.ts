/*
 * How the catalog finds courses: every list, whatever its filters, is one contiguous range of one index. A published
 * course carries a key for each combination of filters that it matches. So one equality reads any page of a list in
 * order, at the price of a few hundred index entries per course (docs/decisions/0006).
 */

/** The filters of the catalog. A missing one matches everything. */
export interface CatalogFilters {
  readonly language?: string;
  readonly topic?: string;
  readonly format?: string;
  readonly level?: string;
}

/** The properties of a course that filters match. */
export interface CatalogFacets {
  readonly language: string;
  readonly topics: readonly string[];
  readonly formats: readonly string[];
  readonly level: string;
}

/** Returns the one key that a list with these filters reads. */
export function catalogKey({ language = '', topic = '', format = '', level = '' }: CatalogFilters): string {
  return [language.toLowerCase(), topic, format, level].join('|');
}

/** Returns every key that a course is listed under. */
export function catalogKeys({ language, topics, formats, level }: CatalogFacets): string[] {
  return ['', ...languageRanges(language)].flatMap((byLanguage) =>
    ['', ...topics].flatMap((byTopic) =>
      ['', ...formats].flatMap((byFormat) =>
        ['', level].map((byLevel) =>
          catalogKey({ language: byLanguage, topic: byTopic, format: byFormat, level: byLevel }),
        ),
      ),
    ),
  );
}

/**
 * Lists the prefixes of a tag: `zh-Hant-TW` matches `zh-Hant-TW`, `zh-Hant` and `zh` (RFC 4647 section 3.3.1, basic
 * filtering).
 */
function languageRanges(tag: string): string[] {
  const subtags = tag.split('-');
  return subtags.map((_, index) => subtags.slice(0, index + 1).join('-'));
}
