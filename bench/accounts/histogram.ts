import { quantileOf } from '../measuring/statistics.ts';

/** A series of values under its name. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

const MOST_BINS = 12;
const BAR_LENGTH = 24;

/** Bins end here; what disturbs a machine makes some values very long, and they are in one last row. */
const LAST_EDGE = 0.95;

/** Series side by side, as text: how many values of each are in which range. */
export function histogram(all: readonly Series[], unit: string): string {
  const values = all.flatMap((series) => series.values);
  const width = roundUp((quantileOf(values, LAST_EDGE) - Math.min(...values)) / (MOST_BINS - 1));
  const first = Math.floor(Math.min(...values) / width);
  const last = Math.max(first, Math.floor(quantileOf(values, LAST_EDGE) / width));
  const binOf = (value: number) => Math.min(Math.floor(value / width), last + 1);
  const placed = all.map((series) => series.values.map(binOf));
  const count = (series: number, bin: number) => placed[series]?.filter((each) => each === bin).length ?? 0;

  const bins = Array.from({ length: last + 2 - first }, (_, index) => first + index);
  const highest = Math.max(...bins.flatMap((bin) => all.map((_, series) => count(series, bin))));
  const label = (bin: number) => {
    const start = shown(bin * width, width);
    return bin > last ? `${start} and more` : `${start} to ${shown((bin + 1) * width, width)}`;
  };
  const labelWidth = Math.max(unit.length, ...bins.map((bin) => label(bin).length));
  const row = (start: string, cells: readonly string[]) =>
    `${start.padEnd(labelWidth)}  ${cells.map((cell) => cell.padEnd(BAR_LENGTH + 5)).join('')}`.trimEnd();
  return [
    row(
      unit,
      all.map(({ name }) => name),
    ),
    ...bins.map((bin) =>
      row(
        label(bin),
        all.map((_, series) => bar(count(series, bin), highest)),
      ),
    ),
  ].join('\n');
}

function bar(count: number, highest: number): string {
  return count === 0 ? '' : `${'█'.repeat(Math.max(1, Math.round((count / highest) * BAR_LENGTH)))} ${count}`;
}

/** To 1, 2 or 5 of a power of ten, so that the edges of bins are easy to read. */
function roundUp(width: number): number {
  if (!(width > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(width));
  return power * ([1, 2, 5, 10].find((step) => step * power >= width) ?? 10);
}

function shown(value: number, width: number): string {
  return value.toFixed(width >= 1 ? 0 : Math.ceil(-Math.log10(width)));
}
