import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { bundleFunction, functionNames } from '../../tools/build/bundle.ts';
import { BENCH_BUILD, PROJECT } from '../measuring/folders.ts';
import { type Machine, thisMachine } from '../measuring/machine.ts';
import { deployedNode, type NodeBinary } from '../measuring/node-binary.ts';
import { type Summary, summarize } from '../measuring/statistics.ts';
import { type Composition, compositionOf } from './composition.ts';
import { type FirstAnswersResult, measureFirstAnswers } from './first-answers.ts';

/** How long something takes to import. */
export interface ImportFigures {
  readonly name: string;
  /** From starting the process to its end, in milliseconds. */
  readonly processMilliseconds: Summary;
  /** The import alone, as the process saw it. */
  readonly importMilliseconds: Summary;
}

export interface ColdResult extends ImportsResult {
  readonly firstAnswers: FirstAnswersResult;
}

export interface ColdEffort {
  /** Processes that import each module. */
  readonly imports: number;
  /** Containers that get each first request. */
  readonly containers: number;
}

interface ImportsResult {
  readonly machine: Machine;
  readonly rounds: number;
  /** An empty module and the driver as published, to compare with. */
  readonly references: readonly ImportFigures[];
  readonly functions: readonly (ImportFigures & { readonly composition: Composition })[];
}

/** What a fresh process imports, by the name in the table. */
interface Subject {
  readonly name: string;
  readonly url: string;
}

const IMPORT_ONCE = path.join(import.meta.dirname, 'import-once.mjs');

const EMPTY_MODULE = 'an empty module';
export const PUBLISHED_DRIVER = '`mongodb` as published';

/** @param before the folder of bundles of another version, to compare with */
export async function measureCold(
  { imports, containers }: ColdEffort,
  before: string | undefined,
  report: (line: string) => void,
): Promise<ColdResult> {
  const firstAnswers = await measureFirstAnswers(deployedNode(), containers, before, report);
  return { ...(await measureImports(imports, report)), firstAnswers };
}

/** Times the import of every function's bundle in fresh processes, one at a time and in turns. */
async function measureImports(rounds: number, report: (line: string) => void): Promise<ImportsResult> {
  const node = deployedNode();
  const compositions = new Map<string, Composition>();
  const functions: Subject[] = [];
  for (const name of await functionNames(PROJECT)) {
    const outDir = path.join(BENCH_BUILD, 'functions');
    const { directory, metafile } = await bundleFunction(name, { root: PROJECT, outDir });
    compositions.set(name, compositionOf(metafile));
    functions.push({ name, url: pathToFileURL(path.join(directory, 'index.mjs')).href });
  }
  const references = [
    { name: EMPTY_MODULE, url: await moduleOf('empty', '') },
    { name: PUBLISHED_DRIVER, url: await moduleOf('driver', "import 'mongodb';") },
  ];

  const figures = await timeInTurns(node, [...references, ...functions], rounds, report);
  const of = ({ name }: Subject) => figures.get(name) ?? noFigures(name);
  return {
    machine: thisMachine(node.version),
    rounds,
    references: references.map(of),
    functions: functions.map((subject) => ({
      ...of(subject),
      composition: compositions.get(subject.name) ?? compositionOf({ inputs: {}, outputs: {} }),
    })),
  };
}

/** Written where packages are found from. */
async function moduleOf(name: string, code: string): Promise<string> {
  const folder = path.join(BENCH_BUILD, 'references');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${name}.mjs`);
  await writeFile(file, code);
  return pathToFileURL(file).href;
}

async function timeInTurns(
  node: NodeBinary,
  subjects: readonly Subject[],
  rounds: number,
  report: (line: string) => void,
): Promise<ReadonlyMap<string, ImportFigures>> {
  const samples = new Map(subjects.map(({ name }) => [name, { process: [] as number[], import: [] as number[] }]));
  // The first round reads everything from the disk, as no later one does; it is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    if (round % 5 === 0) report(`cold: round ${round} of ${rounds}`);
    for (const { name, url } of subjects) {
      const times = await importOnce(node, url);
      if (round === 0) continue;
      samples.get(name)?.process.push(times.process);
      samples.get(name)?.import.push(times.import);
    }
  }
  return new Map(
    [...samples].map(([name, times]) => [
      name,
      { name, processMilliseconds: summarize(times.process), importMilliseconds: summarize(times.import) },
    ]),
  );
}

async function importOnce(
  node: NodeBinary,
  url: string,
): Promise<{ readonly process: number; readonly import: number }> {
  const before = performance.now();
  const child = spawn(node.path, [IMPORT_ONCE, url], { stdio: ['ignore', 'pipe', 'inherit'], env: {} });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`The import of ${url} ended with ${code}`);
  return { process: performance.now() - before, import: Number(output) };
}

function noFigures(name: string): ImportFigures {
  return { name, processMilliseconds: summarize([]), importMilliseconds: summarize([]) };
}
