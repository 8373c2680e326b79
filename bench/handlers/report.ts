import { HANDLER_BUDGETS } from '../../tools/build/budgets.ts';
import { describeMachine } from '../measuring/machine.ts';
import { rounded, verdict, whole, withSpread } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { HandlerFigures, HandlersResult } from './measure.ts';
import { PEERS, type PeerName } from './peers.ts';
import type { BenchRoute } from './requests.ts';

/** The table of handlers, and how the budgets stand. */
export function handlersReport({ machine, effort, handlers }: HandlersResult): string {
  const { starts, rounds, milliseconds } = effort;
  const bare = handlers.find(({ name }) => name === 'bare');
  const table = markdownTable(
    [
      'handler',
      'µs with token',
      'to bare',
      'µs without token',
      'µs more than bare, with token',
      'without',
      'import ms',
      'bundle KB',
      'peak MB',
    ],
    handlers.map((figures) => [
      PEERS[figures.name],
      withSpread(figures.microseconds.token),
      `${rounded(figures.microseconds.token.median / (bare?.microseconds.token.median ?? Number.NaN))} ×`,
      withSpread(figures.microseconds.open),
      figures === bare ? '' : withSpread(figures.overBare.token),
      figures === bare ? '' : withSpread(figures.overBare.open),
      withSpread(figures.importMilliseconds),
      whole(figures.kilobytes),
      whole(figures.peakMegabytes),
    ]),
  );
  const measured = `Medians of ${starts} starts × ${rounds} rounds of ${milliseconds} ms; in brackets the interquartile range.`;
  return [`${describeMachine(machine)}. ${measured}`, table, budgetTable(handlers)].join('\n\n');
}

/**
 * The budget for express can be read in two ways. Without a token there is nothing but the frameworks. With one, this
 * handler also does more: its verification checks what the others do not look at, and that is in its overhead.
 */
function budgetTable(handlers: readonly HandlerFigures[]): string {
  const figures = new Map(handlers.map((handler) => [handler.name, handler]));
  const [bare, own, plain, express] = (['bare', 'lectern', 'lectern-plain', 'express'] as const).map((name: PeerName) =>
    figures.get(name),
  );
  if (bare === undefined || own === undefined || plain === undefined || express === undefined) return '';

  const { maxRatioToBare, minExpressOverheadRatio } = HANDLER_BUDGETS;
  const times = (one: HandlerFigures, other: HandlerFigures, route: BenchRoute) =>
    one.microseconds[route].median / other.microseconds[route].median;
  const atMost = (value: number) => [`${rounded(value)} ×`, `≤ ${maxRatioToBare} ×`, verdict(value <= maxRatioToBare)];
  const expressOverhead = (handler: HandlerFigures, route: BenchRoute) => {
    // A quarter of the rounds saw none at all: then there is nothing to divide by.
    if (handler.overBare[route].lower <= 0) return ['–', `≥ ${minExpressOverheadRatio} ×`, 'below the noise'];
    const value = express.overBare[route].median / handler.overBare[route].median;
    return [`${rounded(value)} ×`, `≥ ${minExpressOverheadRatio} ×`, verdict(value >= minExpressOverheadRatio)];
  };
  const compared = (value: number) => [`${rounded(value)} ×`, '', ''];
  return markdownTable(
    ['budget', 'measured', 'target', ''],
    [
      ['time of this handler to the bare one, with token and schema', ...atMost(times(own, bare, 'token'))],
      ['overhead of express to this handler’s, no token', ...expressOverhead(own, 'open')],
      ['overhead of express to this handler’s, the same token verification', ...expressOverhead(plain, 'token')],
      ['the same, with this project’s stricter verification', ...expressOverhead(own, 'token')],
      ['time of this handler to the bare one, no token', ...compared(times(own, bare, 'open'))],
      ['time of express to this handler, with token and schema', ...compared(times(express, own, 'token'))],
      ['time of express to this handler, no token', ...compared(times(express, own, 'open'))],
    ],
  );
}
