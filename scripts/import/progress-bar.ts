import { Presets, SingleBar } from 'cli-progress';
import type { Progress } from './progress.ts';

/** A bar for each stage, gone when the stage is done. Shows nothing where the output is no terminal. */
export const PROGRESS_BAR: Progress = {
  stage(label, steps) {
    const bar = new SingleBar(
      { format: '{label} {bar} {value}/{total}', clearOnComplete: true, hideCursor: true, noTTYOutput: false },
      Presets.shades_classic,
    );
    bar.start(steps, 0, { label });
    return { advance: () => bar.increment(), end: () => bar.stop() };
  },
};
