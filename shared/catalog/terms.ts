/** Words of a query beyond these are ignored: more of them do not make a search better, only dearer. */
const MAX_QUERY_TERMS = 8;

// No locale: the query's language is unknown, and word boundaries are the same for both sides.
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Case, accents and width do not matter: `Élan` and `elan` are the same (Unicode TR 15, compatibility decomposition). */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** The different words of a text, folded. Works for languages without spaces too. */
export function searchTerms(text: string): string[] {
  const words = [...segmenter.segment(fold(text))].filter((part) => part.isWordLike).map((part) => part.segment);
  return [...new Set(words)];
}

/** The words that a search must find, all of them. */
export function queryTerms(query: string): string[] {
  return searchTerms(query).slice(0, MAX_QUERY_TERMS);
}
