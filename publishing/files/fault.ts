import { relative, resolve } from 'node:path';
import type { Place } from '../markdown/markdown.ts';

/** Something in a course folder that an author has to mend. */
export interface Fault {
  /** Path of the file, as it can be opened from here. */
  readonly file: string;
  readonly place: Place;
  readonly message: string;
}

/** Takes the faults of one file. */
export type Report = (place: Place, message: string) => void;

/** Takes the faults of any file. */
export type ReportIn = (file: string) => Report;

/** For faults of a file as a whole. */
export const START: Place = { line: 1, column: 1 };

/** Courses that cannot be imported, with everything that is wrong with them. Nothing was written. */
export class InvalidCourses extends Error {
  override readonly name = 'InvalidCourses';
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    super(`${faults.length} ${faults.length === 1 ? 'error' : 'errors'} in the courses`);
    this.faults = faults;
  }
}

/** Control characters, and those that turn the direction of a text: what a terminal obeys and does not show. */
const UNSHOWN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * One line for people and editors: `examples/courses/x/lessons/a.md:12:3 what is wrong`. Names of files and keys are part of
 * it, which whoever wrote the course has chosen.
 */
export function faultLine({ file, place, message }: Fault, workingDirectory = process.cwd()): string {
  const line = `${relative(workingDirectory, resolve(file))}:${place.line}:${place.column} ${message}`;
  return line.replace(UNSHOWN, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

/** File by file and from top to bottom, whatever order the faults were found in. */
export function inOrder(faults: readonly Fault[]): Fault[] {
  return faults.toSorted(
    (a, b) => compareText(a.file, b.file) || a.place.line - b.place.line || a.place.column - b.place.column,
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
