import type { IncomingHttpHeaders } from 'node:http';

/** What tells one state of a file from another. */
interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string;
  /** In whole seconds. */
  readonly lastModified: Date;
}

/** Whether the client has the file already, as it says; a tag counts for more than a date (RFC 9110 sections 13.1.2 and 13.1.3). */
export function isNotModified(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) return tags.trim() === '*' || entityTags(tags).includes(etag);
  // What is no date is NaN, which nothing is at most.
  return lastModified.getTime() <= Date.parse(headers['if-modified-since'] ?? '');
}

/**
 * Whether a Range header counts: always, unless If-Range names another state of the file than this one. A weak tag names
 * none, and a date must be the very one of Last-Modified (RFC 9110 section 13.1.5).
 */
export function isRangeMeant(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const state = headers['if-range'];
  return state === undefined || state === etag || state === lastModified.toUTCString();
}

/** The opaque tags of a list, compared as the weak comparison does: `W/` makes no difference. */
function entityTags(list: string): readonly string[] {
  return list.match(/"[^"]*"/g) ?? [];
}
