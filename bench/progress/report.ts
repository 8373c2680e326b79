import { describeMachine } from '../measuring/machine.ts';
import { commandsIn, type ServiceFigures } from '../measuring/service.ts';
import { whole, withSpread } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { ProgressResult } from './measure.ts';

/** What each kind of request took, beside how full the collection is and how much the learner has. */
export function progressReport({ machine, server, series }: ProgressResult): string {
  const [first] = series;
  const table = markdownTable(
    [
      'request',
      'commands',
      ...series.map(({ documents, courses }) => `${whole(documents)} documents, ${whole(courses)} courses`),
    ],
    (first?.figures ?? []).map((row, index) => [
      row.what,
      commandsIn(row),
      ...series.map(({ figures }) => timesOf(figures[index])),
    ]),
    { text: 2 },
  );
  return [`${describeMachine(machine)}; ${server}. Milliseconds: medians and interquartile ranges.`, table].join(
    '\n\n',
  );
}

function timesOf(figures: ServiceFigures | undefined): string {
  if (figures === undefined) return '';
  return withSpread(figures.milliseconds);
}
