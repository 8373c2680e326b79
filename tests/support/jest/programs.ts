import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../../tools/platform/programs.ts';

/* Programs besides Node that some tests need. `.ci/tools` installs them. */

const PYTHON = path.resolve(import.meta.dirname, '../../../.cache/python/bin/python');

const PROGRAMS = {
  chromium: 'chromium',
  ffmpeg: 'ffmpeg',
  openssl: 'openssl',
  /** With the packages of tests/requirements.txt. */
  python: PYTHON,
} as const;

export type Tool = keyof typeof PROGRAMS;

/** The path of a program that the tests of a {@link describeWith} need. */
export function toolPath(tool: Tool): string {
  const found = findProgram(PROGRAMS[tool]);
  if (found === null) throw new Error(`There is no ${tool} on this machine: .ci/tools installs it`);
  return found;
}

/** Runs a Python program with this input, and returns its output, which is JSON. */
export async function runPython(script: string, input: string): Promise<unknown> {
  const running = promisify(execFile)(toolPath('python'), [script], { maxBuffer: 64 * 1024 * 1024 });
  running.child.stdin?.end(input);
  return JSON.parse((await running).stdout);
}

/** `describe`, but skipped where a program is missing. In CI its tests fail instead. */
export function describeWith(tools: readonly Tool[], name: string, tests: () => void): void {
  const missing = tools.filter((tool) => findProgram(PROGRAMS[tool]) === null);
  if (missing.length === 0 || process.env['CI']) describe(name, tests);
  else describe.skip(`${name} (without ${missing.join(', ')})`, tests);
}
