import { codeOf } from './errors.ts';

/** Of a pipe whose reader has ended, and of a terminal that has closed. */
const NOBODY_READS: readonly unknown[] = ['EPIPE', 'EIO'];

/**
 * Lets a command go on when its output has no reader left, as after `| head`: it has to clean up. Node would end it at
 * the next line.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (!NOBODY_READS.includes(codeOf(error))) throw error;
    });
  }
}
