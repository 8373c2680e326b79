import { createHash } from 'node:crypto';

/*
 * The members that are hashed even if they are empty, because they were hashed before empty members were left out.
 * Leaving them out would change the hash of almost every lesson, and apps would download offline copies again. Named by
 * their path, so that a new member elsewhere may have the same name. Do not add new members.
 */

const LESSON_MEMBERS: ReadonlySet<string> = new Set([
  ...['preview', 'transcript', 'captions', 'text.markdown', 'text.html', 'text.excerpt'],
  ...['recording.file', 'recording.stream', 'recording.transcriptFile', 'recording.chaptersFile'],
]);

/** Those of a course with its outline. */
export const COURSE_MEMBERS: ReadonlySet<string> = new Set([
  ...['image', 'topics', 'authors', 'formats', 'modules', 'modules.lessons'],
  ...['modules.lessons.preview', 'modules.lessons.durationSeconds'],
]);

/**
 * Returns the SHA-256 of content in hex. The order of members does not matter, and an empty member counts as a missing
 * one, so that a new member changes the hash of only the content that uses it.
 * @param hashedWhenEmpty the exceptions, by default those of a lesson
 */
export function contentHash(content: unknown, hashedWhenEmpty = LESSON_MEMBERS): string {
  return createHash('sha256')
    .update(JSON.stringify(canonicalForm(content, '', hashedWhenEmpty)))
    .digest('hex');
}

/**
 * Sorts the members of every object (RFC 8785 section 3.2.3) and leaves out the empty ones.
 * @param path that of the value, with a dot at its end unless it is the content itself
 */
function canonicalForm(value: unknown, path: string, hashedWhenEmpty: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => canonicalForm(item, path, hashedWhenEmpty));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, canonicalForm(member, `${path}${name}.`, hashedWhenEmpty)] as const)
      .filter(([name, member]) => hashedWhenEmpty.has(`${path}${name}`) || !isEmpty(member))
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}

/** Whether a value is what a member defaults to: null, false, an empty text, an empty list or an empty object. */
function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === false || value === '';
}
