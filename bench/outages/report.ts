import { describeMachine } from '../measuring/machine.ts';
import { whole } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { OutagesResult } from './measure.ts';

/** How long requests take to fail during an outage, and to succeed after it. */
export function outagesReport({ machine, server, concurrency, outages }: OutagesResult): string {
  const milliseconds = (value: number | null, missing: string) => (value === null ? missing : whole(value));
  const table = markdownTable(
    ['container', 'outage', 'first failure', 'later failures, median', 'recovery'],
    outages.map(({ seconds, container, firstFailureMs, laterFailuresMs, recoveryMs }) => [
      container,
      `${seconds} s`,
      milliseconds(firstFailureMs, 'none'),
      milliseconds(laterFailuresMs, 'none'),
      milliseconds(recoveryMs, 'never'),
    ]),
  );
  return [`${describeMachine(machine)}; ${server}. Milliseconds, with ${concurrency} concurrent requests.`, table].join(
    '\n\n',
  );
}
