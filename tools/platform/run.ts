import { type ChildProcess, spawn } from 'node:child_process';
import { codeOf, messageOf } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface RunOptions {
  readonly env: Environment;
  readonly cwd?: string;
  /** Text for stdin, which is empty by default. */
  readonly input?: string | undefined;
  /** Whether to show stderr as it arrives. It is returned either way. */
  readonly showStderr?: boolean;
  /** Ends the command by SIGTERM. */
  readonly signal?: AbortSignal | undefined;
  /** Kills a command that prints nothing to stdout for this long. A slow download continues; a stalled one does not. */
  readonly silenceSeconds?: number;
}

export interface RunResult {
  /** Null if a signal ended the command. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command without a shell and returns its result, whatever its exit code.
 * @throws Error with code ENOENT if the command does not exist.
 */
export function runToEnd(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: options.env, cwd: options.cwd, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.push(chunk);
      if (options.showStderr) process.stderr.write(chunk);
    });

    // A command may end without reading its input. Its exit code decides.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input);

    const silence = killOnSilence(child, options.silenceSeconds);
    const abort = () => child.kill('SIGTERM');
    options.signal?.addEventListener('abort', abort);
    if (options.signal?.aborted) abort();
    const cleanUp = () => {
      clearTimeout(silence);
      options.signal?.removeEventListener('abort', abort);
    };
    child.once('error', (error) => {
      cleanUp();
      reject(error);
    });
    child.once('close', (exitCode, signal) => {
      cleanUp();
      resolve({ exitCode, signal, stdout: textOf(stdout), stderr: textOf(stderr) });
    });
  });
}

/**
 * Runs a command without a shell and returns its stdout.
 *
 * @throws Error with a message of one line: why the command could not run, or the last line of its stderr.
 */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const result = await runToEnd(command, args, options).catch((error: unknown) => {
    throw new Error(codeOf(error) === 'ENOENT' ? `there is no ${command}` : messageOf(error));
  });
  if (result.exitCode !== 0) throw new Error(explainFailure(command, result, options));
  return result.stdout;
}

function explainFailure(command: string, { exitCode, signal, stderr }: RunResult, options: RunOptions): string {
  if (signal === 'SIGKILL') return `${command} was killed after ${options.silenceSeconds} s without output`;
  if (signal !== null) return `${command} was ended by ${signal}`;
  return lastLine(stderr) ?? `${command} ended with exit code ${exitCode}`;
}

function killOnSilence(child: ChildProcess, seconds: number | undefined): NodeJS.Timeout | undefined {
  if (seconds === undefined) return undefined;
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  child.stdout?.on('data', () => timer.refresh());
  return timer;
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString();
}

/** Returns the last line that is not blank. */
export function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim() || undefined;
}
