import { BUNDLE_BUDGETS, MAX_IMPORT_TO_DRIVER_RATIO } from '../../tools/build/budgets.ts';
import { describeMachine } from '../measuring/machine.ts';
import { rounded, verdict, whole, withSpread } from '../report/numbers.ts';
import { markdownTable } from '../report/table.ts';
import type { Composition } from './composition.ts';
import { type ColdResult, type ImportFigures, PUBLISHED_DRIVER } from './measure.ts';

/** Ingredients below this many bytes are one row together. */
const SMALL = 4 * 1024;

/** How long imports take, and whether the budget is met. */
export function coldReport({ machine, rounds, references, functions }: ColdResult): string {
  const driver = references.find(({ name }) => name === PUBLISHED_DRIVER);
  const toDriver = (figures: ImportFigures) =>
    figures.importMilliseconds.median / (driver?.importMilliseconds.median ?? Number.NaN);
  const table = markdownTable(
    [
      'module',
      'whole process, ms',
      'import alone, ms',
      'relative to the driver',
      `budget ≤ ${MAX_IMPORT_TO_DRIVER_RATIO} ×`,
    ],
    [
      ...references.map((figures) => [...importCells(figures), '', '']),
      ...functions.map((figures) => [
        ...importCells({ ...figures, name: `\`${figures.name}\`` }),
        `${rounded(toDriver(figures))} ×`,
        verdict(toDriver(figures) <= MAX_IMPORT_TO_DRIVER_RATIO),
      ]),
    ],
  );
  const measured = `Medians of ${rounds} fresh processes each; in brackets the interquartile range.`;
  return [`${describeMachine(machine)}. ${measured}`, table].join('\n\n');
}

function importCells({ name, processMilliseconds, importMilliseconds }: ImportFigures): string[] {
  return [name, withSpread(processMilliseconds), withSpread(importMilliseconds)];
}

/** What each bundle weighs, and what it is made of. */
export function compositionReport({ functions }: ColdResult): string {
  const sizes = markdownTable(
    ['bundle', 'KB on a cold start', 'budget', 'KB deployed', 'budget'],
    functions.map(({ name, composition }) => [
      `\`${name}\``,
      whole(composition.coldStart / 1024),
      whole(BUNDLE_BUDGETS[name]?.coldStart ?? Number.NaN),
      whole(composition.deployed / 1024),
      whole(BUNDLE_BUDGETS[name]?.deployed ?? Number.NaN),
    ]),
  );
  const parts = functions.map(({ name, composition }) => `### \`${name}\`\n\n${ingredientTable(composition)}`);
  return [sizes, ...parts].join('\n\n');
}

function ingredientTable({ ingredients }: Composition): string {
  const large = ingredients.filter(({ coldStart, later }) => coldStart + later >= SMALL);
  const small = ingredients.filter((ingredient) => !large.includes(ingredient));
  const rest = {
    name: `${small.length} smaller ones`,
    coldStart: small.reduce((sum, { coldStart }) => sum + coldStart, 0),
    later: small.reduce((sum, { later }) => sum + later, 0),
  };
  return markdownTable(
    ['part', 'KB on a cold start', 'KB read when needed'],
    [...large, ...(small.length > 0 ? [rest] : [])].map(({ name, coldStart, later }) => [
      name,
      rounded(coldStart / 1024),
      later === 0 ? '' : rounded(later / 1024),
    ]),
  );
}
