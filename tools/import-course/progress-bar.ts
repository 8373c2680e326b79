import { Presets, SingleBar } from 'cli-progress';
import type { Progress } from '../../publishing/reporting/progress.ts';

const BYTES_PER_MEBIBYTE = 1024 * 1024;

/** A progress bar for each stage, which disappears at the end. Shows nothing if the output is not a terminal. */
export const PROGRESS_BAR: Progress = {
  stage(label, total, unit) {
    const format =
      unit === 'bytes' ? '{label} {bar} {value}/{total} MiB, {eta_formatted} to go' : '{label} {bar} {value}/{total}';
    const bar = new SingleBar(
      {
        ...{ format, clearOnComplete: true, hideCursor: true, noTTYOutput: false },
        formatValue: (value, _options, type) =>
          unit === 'bytes' && (type === 'value' || type === 'total')
            ? (value / BYTES_PER_MEBIBYTE).toFixed(1)
            : String(value),
      },
      Presets.shades_classic,
    );
    bar.start(total, 0, { label });
    return { advance: (by = 1) => bar.increment(by), end: () => bar.stop() };
  },
};
