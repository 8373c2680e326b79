import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleFunction } from '../../tools/build/bundle.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { generatedCourse } from '../catalog/generated-course.ts';
import { type Catalog, FUNCTION_SETTINGS } from '../catalog/open-catalog.ts';
import { type HandlerProcess, startHandler } from '../handlers/handler-process.ts';
import { buildRunner } from '../handlers/programs.ts';
import type { OperationCost } from '../handlers/protocol.ts';
import { BENCH_BUILD, PROJECT } from '../measuring/folders.ts';
import { type Machine, thisMachine } from '../measuring/machine.ts';
import { deployedNode } from '../measuring/node-binary.ts';
import { median } from '../measuring/statistics.ts';
import { getEvent } from './get-event.ts';

/** The two ways to build the backend that are compared. */
export type Design = 'lectern' | 'express';

export interface RouteFigures {
  readonly key: string;
  /** Of the function, as template.yaml gives it. */
  readonly memoryMegabytes: number;
  readonly measured: Readonly<Record<Design, OperationCost>>;
}

export interface CostResult {
  readonly machine: Machine;
  readonly routes: readonly RouteFigures[];
}

/** Different requests to each route. */
const VARIETY = 50;

const LIST_QUERIES: readonly Readonly<Record<string, string>>[] = [
  {},
  { sort: 'title' },
  { language: 'en' },
  { topic: 'programming', level: 'beginner' },
  { q: 'introduction' },
];

const EVENTS: Readonly<Record<string, readonly string[]>> = {
  'GET /courses': LIST_QUERIES.map((query) => getEvent('/courses', {}, query)),
  'GET /courses/{courseId}': Array.from({ length: VARIETY }, (_, number) =>
    getEvent('/courses/{courseId}', { courseId: generatedCourse(number).id }),
  ),
  // The first lesson of a generated course is open to anyone.
  'GET /courses/{courseId}/previews/{lessonId}': Array.from({ length: VARIETY }, (_, number) =>
    getEvent('/courses/{courseId}/previews/{lessonId}', {
      courseId: generatedCourse(number).id,
      lessonId: 'lesson-1',
    }),
  ),
};

/** Times each route through the built bundles, on the Node that is deployed, against a real database. */
export async function measureCosts(
  catalog: Catalog,
  rounds: number,
  report: (line: string) => void,
): Promise<CostResult> {
  const node = deployedNode();
  const runner = await buildRunner(path.join(import.meta.dirname, '../handlers/measured-process.ts'));
  const environment = { ...FUNCTION_SETTINGS, MONGODB_URI: catalog.uri };
  const bundles: Readonly<Record<Design, string>> = {
    lectern: await bundleUrl('courses', PROJECT),
    express: await bundleUrl('express', import.meta.dirname),
  };
  const start = (design: Design) => startHandler({ node, runner, bundle: bundles[design], environment });

  const samples = new Map<string, Record<Design, OperationCost[]>>();
  for (let round = 1; round <= rounds; round += 1) {
    report(`cost: round ${round} of ${rounds}`);
    for (const design of ['lectern', 'express'] as const) {
      const running = await start(design);
      try {
        await assertAnswers(design, running);
        for (const [key, events] of Object.entries(EVENTS)) {
          // The first run is the warm-up.
          await running.run(events, 300);
          const costs = samples.get(key) ?? { lectern: [], express: [] };
          costs[design].push(await running.run(events, 500));
          samples.set(key, costs);
        }
      } finally {
        await running.stop();
      }
    }
  }

  const memory = readTemplate(path.join(PROJECT, 'template.yaml')).functions.find(({ name }) => name === 'courses');
  return {
    machine: thisMachine(node.version),
    routes: [...samples].map(([key, costs]) => ({
      key,
      memoryMegabytes: memory?.memoryMegabytes ?? 128,
      measured: { lectern: middle(costs.lectern), express: middle(costs.express) },
    })),
  };
}

async function bundleUrl(name: string, root: string): Promise<string> {
  const { directory } = await bundleFunction(name, { root, outDir: path.join(BENCH_BUILD, 'cost') });
  return pathToFileURL(path.join(directory, 'index.mjs')).href;
}

async function assertAnswers(design: Design, running: HandlerProcess): Promise<void> {
  for (const [key, events] of Object.entries(EVENTS)) {
    const wrong = (await running.answer(events)).find(({ status }) => status !== 200);
    if (wrong !== undefined) throw new Error(`${design} answers ${key} with ${JSON.stringify(wrong)}`);
  }
}

function middle(costs: readonly OperationCost[]): OperationCost {
  return {
    microseconds: median(costs.map(({ microseconds }) => microseconds)),
    processorMicroseconds: median(costs.map(({ processorMicroseconds }) => processorMicroseconds)),
  };
}
