import { type ExecFileException, execFile } from 'node:child_process';

export type Environment = Readonly<Record<string, string | undefined>>;

interface RunOptions {
  readonly env: Environment;
  /** Ends the command when it has printed nothing for this long, so that a slow download may go on and a dead one may not. */
  readonly silenceSeconds: number;
}

/**
 * Runs a command without a shell and answers what it printed.
 *
 * @throws Error whose message is one line: why the command could not be run or what it complained of last.
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

/** The last line of a text that is not blank. */
export function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1)?.trim() || undefined;
}
