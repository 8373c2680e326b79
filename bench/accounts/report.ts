import { MAX_AUTHORIZER_ROUND_TRIPS } from '../../tools/build/budgets.ts';
import { describeMachine } from '../measuring/machine.ts';
import type { DatabaseWork } from '../measuring/observed.ts';
import { quantileOf, summarize } from '../measuring/statistics.ts';
import { rounded, verdict, whole, withSpread } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import { differenceOf } from './difference.ts';
import { histogram } from './histogram.ts';
import type { AccountsResult } from './measure.ts';
import type { Kind } from './people.ts';
import type { Answers } from './tries.ts';
import type { Verifier } from './verification.ts';

const VERIFIERS: Readonly<Record<Verifier, string>> = {
  'jsonwebtoken.verify': '`jsonwebtoken.verify`, with a `KeyObject`',
  verifyAccessToken: '`verifyAccessToken`',
  authenticate: '`authenticate`, as a route uses it',
};

/** Fewer random deals than this are as far apart: then it is hardly by chance. */
const HARDLY_CHANCE = 0.01;

/** What it takes to verify an access token. */
export function verificationReport({ machine, effort, verification }: AccountsResult): string {
  const bare = verification.find(({ name }) => name === 'jsonwebtoken.verify');
  const table = markdownTable(
    ['verification of an access token', 'µs', 'relative to the library'],
    verification.map(({ name, microseconds }) => [
      VERIFIERS[name],
      withSpread(microseconds),
      `${rounded(microseconds.median / (bare?.microseconds.median ?? Number.NaN))} ×`,
    ]),
  );
  const measured = `Medians of ${effort.rounds} rounds of ${effort.milliseconds} ms; in brackets the interquartile range.`;
  return [`${describeMachine(machine)}. ${measured}`, table].join('\n\n');
}

/** Whether answers tell who has an account. */
export function disclosureReport({ machine, server, logins, resets }: AccountsResult): string {
  const kinds: Readonly<Record<Kind, string>> = { unknown: 'unknown account', known: 'wrong password' };
  const resetKinds: Readonly<Record<Kind, string>> = {
    unknown: 'reset, unknown account',
    known: 'reset, known account',
  };
  const table = markdownTable(
    ['answer', 'attempts', 'median ms', 'first quartile', 'third quartile', '95th percentile'],
    [...answerRows(logins, kinds), ...answerRows(resets, resetKinds)],
  );
  const chart = histogram([series(logins, 'unknown', kinds), series(logins, 'known', kinds)], 'ms');
  return [
    `${describeMachine(machine)}; ${server}.`,
    table,
    `\`\`\`text\n${chart}\n\`\`\``,
    markdownTable(
      ['difference of the medians', 'ms', 'random swaps at least as far apart', ''],
      [differenceRow('wrong password to unknown account', logins), differenceRow('reset, known to unknown', resets)],
    ),
  ].join('\n\n');
}

function series(answers: Answers, kind: Kind, names: Readonly<Record<Kind, string>>) {
  return { name: names[kind], values: answers[kind] };
}

function answerRows(answers: Answers, names: Readonly<Record<Kind, string>>): string[][] {
  return (['unknown', 'known'] as const).map((kind) => {
    const { median, lower, upper, count } = summarize(answers[kind]);
    const cells = [median, lower, upper, quantileOf(answers[kind], 0.95)].map((value) => value.toFixed(1));
    return [names[kind], whole(count), ...cells];
  });
}

function differenceRow(what: string, { known, unknown }: Answers): string[] {
  const { ofMedians, shareOfDeals } = differenceOf(known, unknown);
  const reading = shareOfDeals < HARDLY_CHANCE ? '**significant**' : 'may be chance';
  return [what, rounded(ofMedians), `${rounded(shareOfDeals * 100)} %`, reading];
}

/** What a guarded lesson takes. */
export function authorizerReport({ machine, server, effort, authorizer, lessonReads }: AccountsResult): string {
  const decisions = markdownTable(
    ['warm authorizer', 'decision', 'commands', 'round trips', `budget ≤ ${MAX_AUTHORIZER_ROUND_TRIPS}`, 'ms'],
    authorizer.map(({ what, decision, databaseWork, milliseconds }) => [
      what,
      decision,
      described(databaseWork),
      whole(databaseWork.roundTrips),
      verdict(databaseWork.roundTrips <= MAX_AUTHORIZER_ROUND_TRIPS),
      withSpread(milliseconds),
    ]),
    { text: 3 },
  );
  const reads = markdownTable(
    ['read of a guarded lesson', 'status', 'functions run'],
    lessonReads.map(({ what, status, functionsRun }) => [
      what,
      String(status),
      functionsRun.length === 0 ? 'none' : functionsRun.map((name) => `\`${name}\``).join(', '),
    ]),
    { text: 3 },
  );
  const measured = `Medians of ${effort.authorizations} decisions; in brackets the interquartile range.`;
  return [`${describeMachine(machine)}; ${server}. ${measured}`, decisions, reads].join('\n\n');
}

/** What each route of `auth` asks of the database. */
export function routeCommandsReport({ routes }: AccountsResult): string {
  return markdownTable(
    ['route', 'commands', 'total', 'round trips'],
    routes.map(({ key, what, databaseWork }) => [
      what === '' ? `\`${key}\`` : `\`${key}\`, ${what}`,
      described(databaseWork),
      whole(databaseWork.commands.length),
      whole(databaseWork.roundTrips),
    ]),
    { text: 2 },
  );
}

/** `findAndModify (3), find`: each command once, and how many of it. */
function described({ commands }: DatabaseWork): string {
  if (commands.length === 0) return 'none';
  return [...new Set(commands)]
    .map((name) => {
      const count = commands.filter((other) => other === name).length;
      return count === 1 ? name : `${name} (${count})`;
    })
    .join(', ');
}
