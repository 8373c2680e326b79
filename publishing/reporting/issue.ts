import { relative, resolve } from 'node:path';

/** A place in a text. Lines and columns count from 1; columns are in UTF-16 code units, as in editors. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** An error in a course folder, for the author to fix. */
export interface Issue {
  /** Path of the file, as it can be opened from the working directory. */
  readonly file: string;
  readonly place: Place;
  readonly message: string;
}

/** Reports an error of one file. */
export type Report = (place: Place, message: string) => void;

/** Returns the {@link Report} of a file. */
export type ReportIn = (file: string) => Report;

/** The place of an error that concerns a whole file. */
export const START: Place = { line: 1, column: 1 };

/** The courses cannot be imported. Lists every error. Nothing was written. */
export class InvalidCourses extends Error {
  override readonly name = 'InvalidCourses';
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(`${issues.length} ${issues.length === 1 ? 'error' : 'errors'} in the courses`);
    this.issues = issues;
  }
}

/** Control characters and characters that change the text direction: a terminal obeys them without showing them. */
const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Formats an error as one line for people and editors: `examples/courses/x/lessons/a.md:12:3 what is wrong`. It escapes
 * control characters, since authors choose the names of files and keys.
 */
export function issueLine({ file, place, message }: Issue, workingDirectory = process.cwd()): string {
  const line = `${relative(workingDirectory, resolve(file))}:${place.line}:${place.column} ${message}`;
  return line.replace(INVISIBLE, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

/** Sorts errors by file, then from top to bottom. */
export function sortIssues(issues: readonly Issue[]): Issue[] {
  return issues.toSorted(
    (a, b) => compareText(a.file, b.file) || a.place.line - b.place.line || a.place.column - b.place.column,
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
