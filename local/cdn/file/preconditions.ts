import type { IncomingHttpHeaders } from 'node:http';

/** What identifies a version of a file. */
interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string;
  /** In whole seconds. */
  readonly lastModified: Date;
}

/**
 * Tells whether the client has this version already. A tag takes precedence over a date (RFC 9110 sections 13.1.2 and
 * 13.1.3).
 */
export function isNotModified(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) return tags.trim() === '*' || entityTags(tags).includes(etag);
  // An invalid date is NaN, and no comparison with it is true.
  return lastModified.getTime() <= Date.parse(headers['if-modified-since'] ?? '');
}

/**
 * Tells whether a Range header applies: always, unless If-Range names another version of the file. A weak tag never
 * matches, and a date must equal Last-Modified (RFC 9110 section 13.1.5).
 */
export function rangeApplies(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const state = headers['if-range'];
  return state === undefined || state === etag || state === lastModified.toUTCString();
}

/** The opaque tags of a list, for the weak comparison: `W/` is dropped. */
function entityTags(list: string): readonly string[] {
  return list.match(/"[^"]*"/g) ?? [];
}
