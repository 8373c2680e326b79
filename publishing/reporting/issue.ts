import { relative, resolve } from 'node:path';

/** A place in a text. Lines and columns count from 1; columns are in UTF-16 code units, as in editors. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** An error refuses the course. A warning tells what readers get otherwise than the author may think. */
export type Severity = 'error' | 'warning';

/** An error or a warning about a course folder, for the author to look at. */
export interface Issue {
  readonly severity: Severity;
  /** Path of the file, as it can be opened from the working directory. */
  readonly file: string;
  readonly place: Place;
  readonly message: string;
}

/** Reports an error of one file, or a warning. */
export type Report = (place: Place, message: string, severity?: Severity) => void;

/** Returns the {@link Report} of a file. */
export type ReportIn = (file: string) => Report;

/** The place of an error that concerns a whole file. */
export const START: Place = { line: 1, column: 1 };

/** The courses cannot be imported. Lists every error, and no warnings. Nothing was written. */
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
 * Formats an error as one line for people and editors: `examples/courses/x/lessons/a.md:12:3 what is wrong`. A warning
 * says that it is one. Control characters are escaped, since authors choose the names of files and keys.
 */
export function issueLine({ severity, file, place, message }: Issue, workingDirectory = process.cwd()): string {
  const what = severity === 'warning' ? `warning: ${message}` : message;
  const line = `${relative(workingDirectory, resolve(file))}:${place.line}:${place.column} ${what}`;
  return line.replace(INVISIBLE, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

/** Sorts issues by file, then from top to bottom. */
export function sortIssues(issues: readonly Issue[]): Issue[] {
  return issues.toSorted(
    (a, b) => compareText(a.file, b.file) || a.place.line - b.place.line || a.place.column - b.place.column,
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
