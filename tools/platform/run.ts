import { type ExecFileException, execFile } from 'node:child_process';

export type Environment = Readonly<Record<string, string | undefined>>;

interface RunOptions {
  readonly env: Environment;
  /**
   * Ends the command if it prints nothing for this long, so that a slow download may continue and a dead one may not.
   */
  readonly silenceSeconds: number;
}

/**
 * Runs a command without a shell and returns its output.
 *
 * @throws Error with a message of one line: why the command could not run, or the last line of its errors.
 */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { env: options.env }, (error, stdout, stderr) => {
      clearTimeout(silence);
      if (error === null) resolve(stdout);
      else reject(new Error(explainFailure(command, error, stderr, options.silenceSeconds)));
    });
    const silence = setTimeout(() => child.kill('SIGKILL'), options.silenceSeconds * 1000);
    child.stdout?.on('data', () => silence.refresh());
  });
}

function explainFailure(command: string, error: ExecFileException, stderr: string, silenceSeconds: number): string {
  if (error.code === 'ENOENT') return `there is no ${command}`;
  if (error.signal === 'SIGKILL') return `nothing was heard of it for ${silenceSeconds} s`;
  if (error.signal) return `${command} was ended by ${error.signal}`;
  return lastLine(stderr) ?? `${command} ended with exit code ${error.code}`;
}

/** Returns the last line that is not blank. */
export function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim() || undefined;
}
