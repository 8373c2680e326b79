/** A URL in the sections that wildcards keep to. */
export interface UrlSections {
  readonly protocol: string;
  /** With the port, where the URL has one. */
  readonly domain: string;
  /** With the slash that it starts with. */
  readonly path: string;
  /** Null without a question mark. */
  readonly query: string | null;
}

/** A URL without a fragment, which is what requests have. */
export function sectionsOf(url: string): UrlSections {
  const [, protocol = '', domain = '', path = '', query = null] =
    /^([^:]*):\/\/([^/?]*)([^?]*)(?:\?(.*))?$/s.exec(url) ?? [];
  return { protocol, domain, path, query };
}

/** The URLs that the Resource of a custom policy stands for. */
export type ResourcePattern = (url: UrlSections) => boolean;

/**
 * Reads the Resource of a custom policy: `*` stands for any characters and `?` for any one, within a section of the URL
 * (Amazon CloudFront Developer Guide, "Create a signed URL using a custom policy", Wildcard characters). Null for what does
 * not begin as it must: with `http://`, `https://` or an asterisk.
 *
 * The guide says both that the question mark of a query string is written `\?` and that it is written `?`; both are taken.
 */
export function readResourcePattern(resource: string): ResourcePattern | null {
  const [, protocol = '*', domain, rest = ''] = /^(?:(https?|\*):\/\/|(?=\*))([^/]*)(.*)$/s.exec(resource) ?? [];
  if (domain === undefined) return null;
  const places = rest === '' ? [domain.endsWith('*') ? ANYWHERE : ROOT] : placesOf(rest);
  return (url) =>
    isMatch(protocol, url.protocol) && isMatch(domain, url.domain) && places.some((isPlace) => isPlace(url));
}

type Place = (url: Pick<UrlSections, 'path' | 'query'>) => boolean;

const ANYWHERE: Place = () => true;
const ROOT: Place = place('/', null);

function place(path: string, query: string | null): Place {
  const isQuery = (asked: string | null) => (query === null ? asked === null : isMatch(query, asked ?? ''));
  return (url) => isMatch(path, url.path) && isQuery(url.query);
}

/** How path and query string of a Resource may be meant. */
function placesOf(rest: string): readonly Place[] {
  const escaped = rest.indexOf('\\?');
  if (escaped >= 0) return [place(rest.slice(0, escaped), rest.slice(escaped + 2))];
  // A trailing asterisk reaches into the query string.
  const withoutQuery = place(rest, rest.endsWith('*') ? '*' : null);
  const withQuery = [...rest.matchAll(/\?/g)].map(({ index }): Place => {
    const isPlace = place(rest.slice(0, index), rest.slice(index + 1));
    return (url) => url.query !== null && isPlace(url);
  });
  return [withoutQuery, ...withQuery];
}

/** In time that no pattern makes more than the product of both lengths, which a regular expression does not promise. */
function isMatch(pattern: string, text: string): boolean {
  let at = 0;
  let inText = 0;
  let retry: { readonly pattern: number; text: number } | null = null;
  while (inText < text.length) {
    if (pattern[at] === '*') {
      at += 1;
      retry = { pattern: at, text: inText };
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[inText])) {
      at += 1;
      inText += 1;
    } else if (retry !== null) {
      retry.text += 1;
      at = retry.pattern;
      inText = retry.text;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
