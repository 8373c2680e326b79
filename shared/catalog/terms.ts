/** Words of a query beyond these are ignored: more of them do not make a search better, only dearer. */
const MAX_QUERY_TERMS = 8;

// No locale: the query's language is unknown, and word boundaries are the same for both sides.
const segmenter = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Marks on letters of these scripts are accents; in others, such as Thai or Devanagari, they are vowels. */
const ACCENTS = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]\p{M}*)\p{M}/gu;

/**
 * Case, accents, ligatures and width do not matter: `Élan` and `elan`, `Straße` and `STRASSE` are the same. Compatibility
 * forms are taken apart (Unicode TR 15); to upper case and back is the full case folding that lower case alone is not.
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

/** `L’écoute` holds the word "écoute", whichever apostrophe it is written with. */
const APOSTROPHES = /['’]/u;

/** The different words of a text, folded. Works for languages without spaces too. */
export function searchTerms(text: string): string[] {
  // Cut before folding: where a word ends in Thai depends on the very marks that folding may take away.
  const words = [...segmenter.segment(text.replaceAll(SOFT_HYPHEN, ''))]
    .filter((part) => part.isWordLike)
    .flatMap((part) => part.segment.split(APOSTROPHES))
    .map(fold);
  return [...new Set(words)].filter((word) => word !== '');
}

/** The words that a search must find, all of them. */
export function queryTerms(query: string): string[] {
  return searchTerms(query).slice(0, MAX_QUERY_TERMS);
}
