import { createHash } from 'node:crypto';

/**
 * The members that are hashed even if they are empty, because they were hashed before empty members were left out.
 * Leaving them out would change the hash of almost every lesson, and apps would download offline copies again. Do not
 * add new members.
 */
const HASHED_WHEN_EMPTY: ReadonlySet<string> = new Set([
  ...['preview', 'durationSeconds', 'markdown', 'html', 'excerpt', 'transcript', 'captions'],
  ...['file', 'stream', 'transcriptFile', 'chaptersFile'],
  ...['image', 'topics', 'authors', 'formats', 'modules', 'lessons'],
]);

/**
 * Returns the SHA-256 of content in hex. The order of members does not matter, and an empty member counts as a missing
 * one, so that a new member changes the hash of only the content that uses it.
 */
export function contentHash(content: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(canonicalForm(content)))
    .digest('hex');
}

/** Sorts the members of every object (RFC 8785 section 3.2.3) and leaves out the empty ones. */
function canonicalForm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonicalForm);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, canonicalForm(member)] as const)
      .filter(([name, member]) => HASHED_WHEN_EMPTY.has(name) || !isEmpty(member))
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** Whether a value is what a member defaults to: null, false, an empty text, an empty list or an empty object. */
function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false || value === '';
}
