/** A URL in the sections that wildcards do not cross. */
export interface UrlSections {
  readonly protocol: string;
  /** With the port, if the URL has one. */
  readonly domain: string;
  /** With its leading slash. */
  readonly path: string;
  /** Null without a question mark. */
  readonly query: string | null;
}

/** Splits a URL. Requests have no fragment. */
export function sectionsOf(url: string): UrlSections {
  const [, protocol = '', domain = '', path = '', query = null] =
    /^([^:]*):\/\/([^/?]*)([^?]*)(?:\?(.*))?$/s.exec(url) ?? [];
  return { protocol, domain, path, query };
}

/** The URLs that match the Resource of a custom policy. */
export type ResourcePattern = (url: UrlSections) => boolean;

/**
 * Parses the Resource of a custom policy: `*` matches any characters and `?` matches one, within a section of the URL
 * (Amazon CloudFront Developer Guide, "Create a signed URL using a custom policy", Wildcard characters). Null unless it
 * starts with `http://`, `https://` or an asterisk.
 *
 * The guide writes the question mark of a query string both as `\?` and as `?`. Both are accepted.
 */
export function parseResourcePattern(resource: string): ResourcePattern | null {
  const [, protocol = '*', domain, rest = ''] = /^(?:(https?|\*):\/\/|(?=\*))([^/]*)(.*)$/s.exec(resource) ?? [];
  if (domain === undefined) return null;
  const matchers = rest === '' ? [domain.endsWith('*') ? ANYWHERE : ROOT] : targetMatchers(rest);
  return (url) =>
    isMatch(protocol, url.protocol) && isMatch(domain, url.domain) && matchers.some((matches) => matches(url));
}

type TargetMatcher = (url: Pick<UrlSections, 'path' | 'query'>) => boolean;

const ANYWHERE: TargetMatcher = () => true;
const ROOT: TargetMatcher = targetMatcher('/', null);

function targetMatcher(path: string, query: string | null): TargetMatcher {
  const matchesQuery = (actual: string | null) => (query === null ? actual === null : isMatch(query, actual ?? ''));
  return (url) => isMatch(path, url.path) && matchesQuery(url.query);
}

/** The possible readings of path and query string in a Resource. */
function targetMatchers(rest: string): readonly TargetMatcher[] {
  const escaped = rest.indexOf('\\?');
  if (escaped >= 0) return [targetMatcher(rest.slice(0, escaped), rest.slice(escaped + 2))];
  // A trailing asterisk also matches the query string.
  const withoutQuery = targetMatcher(rest, rest.endsWith('*') ? '*' : null);
  const withQuery = [...rest.matchAll(/\?/g)].map(({ index }): TargetMatcher => {
    const matches = targetMatcher(rest.slice(0, index), rest.slice(index + 1));
    return (url) => url.query !== null && matches(url);
  });
  return [withoutQuery, ...withQuery];
}

/** Takes at most time proportional to the product of both lengths, which a regular expression does not guarantee. */
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
