import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AccountsResult } from './accounts/measure.ts';
import { authorizerReport, disclosureReport, routeCommandsReport, verificationReport } from './accounts/report.ts';
import type { CatalogResult } from './catalog/measure.ts';
import { catalogReport } from './catalog/report.ts';
import { firstAnswersReport } from './cold/first-answers-report.ts';
import type { ColdResult } from './cold/measure.ts';
import { coldReport, compositionReport } from './cold/report.ts';
import { costDocument } from './cost/document.ts';
import type { CostResult } from './cost/measure.ts';
import type { HandlersResult } from './handlers/measure.ts';
import { handlersReport } from './handlers/report.ts';
import { PROJECT } from './measuring/folders.ts';
import type { MediaResult } from './media/measure.ts';
import { grantsReport, signingReport } from './media/report.ts';
import type { OutagesResult } from './outages/measure.ts';
import { outagesReport } from './outages/report.ts';
import type { ProgressResult } from './progress/measure.ts';
import { progressReport } from './progress/report.ts';
import { scaleDocument } from './scale/document.ts';
import type { ScaleResult } from './scale/measure.ts';

/** What each part of the bench measured. */
export interface Results {
  readonly handlers: HandlersResult;
  readonly cold: ColdResult;
  readonly accounts: AccountsResult;
  readonly progress: ProgressResult;
  readonly media: MediaResult;
  readonly outages: OutagesResult;
  readonly catalog: CatalogResult;
  readonly cost: CostResult;
  readonly scale: ScaleResult;
}

export type Part = keyof Results;

export const PARTS = [
  'handlers',
  'cold',
  'accounts',
  'progress',
  'media',
  'outages',
  'catalog',
  'cost',
  'scale',
] as const satisfies readonly Part[];

const RESULTS = path.join(PROJECT, 'bench/results');
const TEMPLATE = path.join(import.meta.dirname, 'report/performance.template.md');

/** Each part of a report, as Markdown. */
export const REPORTS: { readonly [P in Part]: (result: Results[P], cold: ColdResult | null) => string } = {
  handlers: handlersReport,
  cold: (result) => [firstAnswersReport, coldReport, compositionReport].map((report) => report(result)).join('\n\n'),
  accounts: (result) =>
    [verificationReport, disclosureReport, authorizerReport, routeCommandsReport]
      .map((report) => report(result))
      .join('\n\n'),
  progress: progressReport,
  media: (result) => `${signingReport(result)}\n\n${grantsReport(result)}`,
  outages: outagesReport,
  catalog: catalogReport,
  cost: (result, cold) => (cold === null ? 'Measure cold starts first.' : costDocument(result, cold)),
  scale: scaleDocument,
};

/** Keeps a result, so that a part can be measured again without the others. */
export async function saveResult<P extends Part>(part: P, result: Results[P]): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  await writeFile(fileOf(part), `${JSON.stringify(result, null, 2)}\n`);
}

/** Writes docs/performance.md, docs/cost.md and docs/scale.md anew from all results there are. */
export async function writeDocuments(): Promise<void> {
  const [handlers, cold, accounts, progress, media, outages, catalog, cost, scale] = await Promise.all([
    loadResult('handlers'),
    loadResult('cold'),
    loadResult('accounts'),
    loadResult('progress'),
    loadResult('media'),
    loadResult('outages'),
    loadResult('catalog'),
    loadResult('cost'),
    loadResult('scale'),
  ]);
  const sections: Readonly<Record<string, string>> = {
    handlers: rendered(handlers, handlersReport),
    firstAnswers: rendered(cold, firstAnswersReport),
    cold: rendered(cold, coldReport),
    composition: rendered(cold, compositionReport),
    verification: rendered(accounts, verificationReport),
    disclosure: rendered(accounts, disclosureReport),
    authorizer: rendered(accounts, authorizerReport),
    routeCommands: rendered(accounts, routeCommandsReport),
    progress: rendered(progress, progressReport),
    signing: rendered(media, signingReport),
    grants: rendered(media, grantsReport),
    outages: rendered(outages, outagesReport),
    catalog: rendered(catalog, catalogReport),
  };
  const template = await readFile(TEMPLATE, 'utf8');
  const document = template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => sections[name] ?? '');
  await writeFile(path.join(PROJECT, 'docs/performance.md'), document);
  if (cost !== null && cold !== null) {
    await writeFile(path.join(PROJECT, 'docs/cost.md'), costDocument(cost, cold));
  }
  if (scale !== null) await writeFile(path.join(PROJECT, 'docs/scale.md'), scaleDocument(scale));
}

function rendered<Result>(result: Result | null, report: (result: Result) => string): string {
  return result === null ? 'Not measured yet.' : report(result);
}

export async function loadResult<P extends Part>(part: P): Promise<Results[P] | null> {
  try {
    return JSON.parse(await readFile(fileOf(part), 'utf8')) as Results[P];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function fileOf(part: Part): string {
  return path.join(RESULTS, `${part}.json`);
}
