import { FIRST_ANSWER_BUDGETS } from '../../tools/build/budgets.ts';
import { shareOf } from '../measuring/lambda.ts';
import { describeMachine } from '../measuring/machine.ts';
import { rounded, verdict } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { ColdDesign, FirstAnswer } from './first-answers.ts';
import type { ColdResult } from './measure.ts';

const NAMES: Readonly<Record<ColdDesign, string>> = {
  lectern: 'this',
  before: 'this, before',
  express: 'Express',
  driver: 'the driver alone',
};

/** What first requests take, what their senders wait, and whether the budgets are met. */
export function firstAnswersReport({ machine, firstAnswers }: ColdResult): string {
  const { answers, isHeld, rounds, server } = firstAnswers;
  const measured = isHeld
    ? 'The operating system held requests to the share of a processor that comes with the memory of the function.'
    : 'Processes could not be held to a share of a processor here, so the last column says nothing.';
  const table = markdownTable(
    [
      ...['first request', 'design', 'share', 'init', 'first', 'second', 'warm', 'init and first', 'wait, computed'],
      'wait, measured',
    ],
    answers.map((answer) => [
      `\`${answer.functionName}\`: ${answer.key}`,
      NAMES[answer.design],
      shareOf(answer.memoryMegabytes).toFixed(2),
      ...[answer.initProcessor, answer.firstProcessor, answer.secondProcessor, answer.warmProcessor].map(rounded),
      rounded(answer.initProcessor + answer.firstProcessor),
      rounded(waitOf(answer)),
      isHeld ? rounded(answer.initWall + answer.firstWall) : '–',
    ]),
    { text: 2 },
  );
  const budgets = markdownTable(['budget', 'measured', 'target', ''], budgetRows(answers));
  const medians = `Medians of ${rounds} containers each, in milliseconds, ${server}.`;
  return [`${describeMachine(machine)}. ${medians} ${measured}`, table, budgets].join('\n\n');
}

/** The init phase has a whole processor, a request its share of one. */
function waitOf({ initProcessor, firstProcessor, memoryMegabytes }: FirstAnswer): number {
  return initProcessor + firstProcessor / shareOf(memoryMegabytes);
}

function budgetRows(answers: readonly FirstAnswer[]): string[][] {
  const { maxReadMilliseconds, maxWriteAboveWarmMilliseconds, minExpressWaitRatio } = FIRST_ANSWER_BUDGETS;
  const own = answers.filter(({ design }) => design === 'lectern');
  const reads = Math.max(...own.filter(({ kind }) => kind === 'read').map(({ firstProcessor }) => firstProcessor));
  const aboveWarm = Math.max(
    ...own
      .filter(({ kind }) => kind === 'write')
      .map(({ firstProcessor, warmProcessor }) => firstProcessor - warmProcessor),
  );
  const ofCourses = (design: ColdDesign) =>
    answers.find((answer) => answer.functionName === 'courses' && answer.design === design);
  const [courses, express, before] = [ofCourses('lectern'), ofCourses('express'), ofCourses('before')];
  if (courses === undefined || express === undefined) return [];
  const ratio = waitOf(express) / waitOf(courses);
  const sum = (answer: FirstAnswer) => answer.initProcessor + answer.firstProcessor;
  return [
    [
      'processor time of a first request that reads',
      `${rounded(reads)} ms`,
      `≤ ${maxReadMilliseconds} ms`,
      verdict(reads <= maxReadMilliseconds),
    ],
    [
      'processor time of a first request that writes, above warm',
      `${rounded(aboveWarm)} ms`,
      `≤ ${maxWriteAboveWarmMilliseconds} ms`,
      verdict(aboveWarm <= maxWriteAboveWarmMilliseconds),
    ],
    [
      'wait of Express to that of `courses`',
      `${rounded(ratio)} ×`,
      `≥ ${minExpressWaitRatio} ×`,
      verdict(ratio >= minExpressWaitRatio),
    ],
    ...(before === undefined
      ? []
      : [
          ['wait of `courses` before to that of now', `${rounded(waitOf(before) / waitOf(courses))} ×`, '', ''],
          ['init and first of `courses` to those before', `${rounded(sum(courses) / sum(before))} ×`, '', ''],
        ]),
  ];
}
