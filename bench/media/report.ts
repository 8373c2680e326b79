import { describeMachine } from '../measuring/machine.ts';
import { commandsIn } from '../measuring/service.ts';
import { rounded, withSpread } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { MediaResult } from './measure.ts';

/** Links a second, beside the signature that each is made of. */
export function signingReport({ machine, signing }: MediaResult): string {
  const bare = signing[0]?.perSecond.median ?? Number.NaN;
  const table = markdownTable(
    ['operation', 'per second', 'relative to the signature'],
    signing.map(({ what, perSecond }) => [what, withSpread(perSecond), rounded(perSecond.median / bare)]),
  );
  return [`${describeMachine(machine)}. Sequentially, on one core.`, table].join('\n\n');
}

/** What grants take with the database they ask. */
export function grantsReport({ machine, server, grants }: MediaResult): string {
  const table = markdownTable(
    ['grants for', 'commands', 'milliseconds'],
    grants.map((row) => [row.what, commandsIn(row), withSpread(row.milliseconds)]),
    { text: 2 },
  );
  return [`${describeMachine(machine)}; ${server}.`, table].join('\n\n');
}
