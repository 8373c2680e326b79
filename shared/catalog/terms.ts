/** Further words of a query are ignored: they make a search slower, not better. */
const MAX_QUERY_TERMS = 8;

// No locale: the language of the query is unknown, and both sides must use the same word boundaries.
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Marks on letters of these scripts are accents. In others, such as Thai or Devanagari, they are vowels. */
const ACCENTS = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]\p{M}*)\p{M}/gu;

/**
 * Folds a text so that case, accents, ligatures and width do not matter: `Élan` equals `elan`, `Straße` equals
 * `STRASSE`. It decomposes compatibility forms (Unicode TR 15). Converting to upper and back to lower case is full case
 * folding, which lower case alone is not.
 */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('œ', 'oe')
    .replaceAll('æ', 'ae')
    .replaceAll(SOFT_HYPHEN, '')
    .normalize('NFC');
}

const SOFT_HYPHEN = '\u00AD';

/** With either apostrophe, `L’écoute` contains the word "écoute". */
const APOSTROPHES = /['’]/u;

/** Returns the distinct words of a text, folded. Works for languages without spaces too. */
export function searchTerms(text: string): string[] {
  // Segmented before folding: word boundaries in Thai depend on marks that folding may remove.
  const words = [...segmenter.segment(text.replaceAll(SOFT_HYPHEN, ''))]
    .filter((part) => part.isWordLike)
    .flatMap((part) => part.segment.split(APOSTROPHES))
    .map(fold);
  return [...new Set(words)].filter((word) => word !== '');
}

/** Returns the words that a course must contain, all of them. */
export function queryTerms(query: string): string[] {
  return searchTerms(query).slice(0, MAX_QUERY_TERMS);
}
