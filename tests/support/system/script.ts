import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

const root = path.resolve(import.meta.dirname, '../../..');

/** Settings of the developer's own machine, or of this test run, that a script would follow. */
const NOT_INHERITED = {
  INIT_CWD: undefined,
  MEDIA_BUCKET: undefined,
  MONGODB_URI: undefined,
  PORT: undefined,
  POWERTOOLS_LOG_LEVEL: undefined,
} as const;

export type ScriptProcess = ChildProcessByStdio<null, Readable, Readable>;

/**
 * Starts a script of the project in a process of its own, as its npm command does.
 * @param script its path below the root folder, such as `scripts/import-course.ts`
 * @param env variables that differ from those of the tests. Undefined removes one.
 */
export function startScript(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): ScriptProcess {
  return spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    cwd: root,
    env: { ...process.env, ...NOT_INHERITED, NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a script to its end, whatever its exit code. */
export async function runScript(
  ...command: Parameters<typeof startScript>
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = startScript(...command);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, stdout, stderr };
}
