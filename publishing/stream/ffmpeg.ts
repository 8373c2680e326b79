import { spawn } from 'node:child_process';
import { messageOf } from '../../tools/platform/errors.ts';
import { StreamNotMade } from './stream-not-made.ts';

/** The last lines of an error have its cause. */
const MOST_CHARACTERS_OF_COMPLAINT = 2000;

/**
 * Runs ffmpeg to its end, even after it is told to stop, so that nothing is still writing.
 * @throws StreamNotMade if it cannot run or fails; the reason of the signal if it was told to stop
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
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-MOST_CHARACTERS_OF_COMPLAINT);
  });
  child.on('error', (error) => {
    complaint += messageOf(error);
  });
  return new Promise((resolve, reject) => {
    child.on('close', (code, killedBy) => {
      if (code === 0) resolve();
      else if (signal?.aborted) reject(signal.reason);
      else reject(new StreamNotMade(`ffmpeg ended with ${killedBy ?? code}: ${complaint.trim() || 'it said nothing'}`));
    });
  });
}
