import { spawn } from 'node:child_process';
import { messageOf } from '../../tools/platform/errors.ts';
import { StreamNotMade } from './stream-not-made.ts';

/** The end of a long complaint has its cause: ffmpeg says last what it stopped for. */
const MOST_CHARACTERS_OF_COMPLAINT = 2000;

/**
 * Runs ffmpeg to its end, also when it is told to stop: then nothing is written any more.
 * @throws StreamNotMade when it cannot be run or fails; the reason of the signal when it was told to stop
 */
export function runFfmpeg(
  ffmpeg: string,
  args: readonly string[],
  { cwd, signal }: { readonly cwd: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  signal?.throwIfAborted();
  const child = spawn(ffmpeg, ['-nostdin', '-v', 'error', ...args], {
    ...{ cwd, stdio: ['ignore', 'ignore', 'pipe'] },
    // Told to end in its own time, it would write the list of what it has as though it were all.
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
