import { spawn } from 'node:child_process';
import type { Environment } from '../../../tools/platform/run.ts';

export interface Finished {
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env: Environment;
  readonly cwd?: string;
  /** Its stdin, empty by default. */
  readonly input?: string | undefined;
  /** Shows stderr as it arrives, besides keeping it, or only keeps it. */
  readonly stderr?: 'shown' | 'kept';
  /** Ends the command, which then counts as ended by a signal. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a command without a shell and returns its output, whatever its exit code.
 * @throws Error with code ENOENT if there is no such command.
 */
export function runToEnd(command: string, args: readonly string[], options: CommandOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: options.env, cwd: options.cwd, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.push(chunk);
      if (options.stderr === 'shown') process.stderr.write(chunk);
    });

    // A command that ends without reading its input is judged by its exit.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);

    const end = () => child.kill('SIGTERM');
    options.signal?.addEventListener('abort', end);
    if (options.signal?.aborted) end();
    child.once('error', reject);
    child.once('close', (exitCode) => {
      options.signal?.removeEventListener('abort', end);
      resolve({ exitCode, stdout: textOf(stdout), stderr: textOf(stderr) });
    });
  });
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString();
}
