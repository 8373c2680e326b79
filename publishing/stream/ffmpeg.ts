import { spawn } from 'node:child_process';
import { messageOf } from '../../tools/platform/errors.ts';

/** A stream cannot be made: the recording cannot be read, or ffmpeg failed, whose message is included. */
export class PackagingError extends Error {
  override readonly name = 'PackagingError';
}

/** The last lines of an error have its cause. */
const MAX_STDERR_CHARACTERS = 2000;

/**
 * Runs ffmpeg to its end, even after it is told to stop, so that nothing is still writing.
 * @throws PackagingError if it cannot run or fails; the reason of the signal if it was told to stop
 */
export function runFfmpeg(
  ffmpeg: string,
  args: readonly string[],
  { cwd, signal }: { readonly cwd: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn(ffmpeg, ['-nostdin', '-v', 'error', ...args], {
    ...{ cwd, stdio: ['ignore', 'ignore', 'pipe'] },
    // If it ended by itself, it would write a playlist as though it were complete.
    ...(signal && { signal, killSignal: 'SIGKILL' }),
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_CHARACTERS);
  });
  child.on('error', (error) => {
    stderr += messageOf(error);
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve();
      else if (signal?.aborted) reject(signal.reason);
      else
        reject(
          new PackagingError(
            `ffmpeg failed (${killedBy ?? `exit code ${code}`}): ${stderr.trim() || 'no error message'}`,
          ),
        );
    });
  });
}
