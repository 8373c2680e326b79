/**
 * Fails a test with these sentences, if there are any. Unlike a comparison, the message has no marks of a difference, so that
 * YAML in it can be pasted.
 */
export function expectNoProblems(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n\n'));
}
