import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { startSes } from '../../local/mail/ses.ts';
import { bundleFunction, functionNames } from '../../tools/build/bundle.ts';
import { createSigningKey } from '../../tools/keys/access-token/create-signing-key.ts';
import { createRandomKey, RANDOM_KEYS } from '../../tools/keys/local-secrets.ts';
import { createMediaKeys, mediaKeysOf } from '../../tools/keys/media/media-keys.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { buildRunner } from '../handlers/programs.ts';
import { BENCH_BUILD, PROJECT } from '../measuring/folders.ts';
import { shareOf } from '../measuring/lambda.ts';
import type { NodeBinary } from '../measuring/node-binary.ts';
import { median } from '../measuring/statistics.ts';
import { type ContainerFigures, runContainer } from './container.ts';
import { type FirstRequest, prepareRequests, type RequestKind } from './first-requests.ts';
import { openProcessorShare } from './processor-share.ts';
import { startSecureMongo } from './secure-mongo.ts';
import { startParameterStore } from './slow-parameter-store.ts';

/** What is compared. `before` are bundles of another version, given by their folder. */
export type ColdDesign = 'lectern' | 'before' | 'express' | 'driver';

/** Medians of containers that got the same first request. Times are in milliseconds. */
export interface FirstAnswer {
  readonly functionName: string;
  readonly key: string;
  readonly kind: RequestKind;
  readonly design: ColdDesign;
  readonly memoryMegabytes: number;
  readonly initProcessor: number;
  readonly initWall: number;
  readonly firstProcessor: number;
  readonly firstWall: number;
  readonly secondProcessor: number;
  readonly secondWall: number;
  readonly warmProcessor: number;
}

export interface FirstAnswersResult {
  readonly server: string;
  readonly rounds: number;
  /** Whether the operating system held the first two requests to the share of a processor that Lambda gives. */
  readonly isHeld: boolean;
  readonly answers: readonly FirstAnswer[];
}

interface Subject {
  readonly design: ColdDesign;
  readonly request: FirstRequest;
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMegabytes: number;
}

/** Starts containers of every function in turns, and sends each its first requests. */
export async function measureFirstAnswers(
  node: NodeBinary,
  rounds: number,
  before: string | undefined,
  report: (line: string) => void,
): Promise<FirstAnswersResult> {
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const mongo = await startSecureMongo(report);
    closing.push(mongo.stop);
    const held = await openProcessorShare();
    closing.push(async () => held?.close());
    const ses = await startSes(async () => undefined);
    closing.push(ses.close);

    const secrets = createSecrets();
    const { functions } = readTemplate(path.join(PROJECT, 'template.yaml'));
    const parameters = new Map<string, string>();
    for (const { environment } of functions) {
      for (const [name, value] of Object.entries({ ...secrets, MONGODB_URI: mongo.uri })) {
        const parameter = environment[`${name}_PARAMETER`];
        if (parameter !== undefined) parameters.set(parameter, value);
      }
    }
    const store = await startParameterStore(mongo.certificate, parameters);
    closing.push(store.close);

    const { certFile } = mongo.certificate;
    const settings = Object.assign({}, ...functions.map(({ environment }) => environment));
    const requests = await prepareRequests(`${mongo.uri}&tlsCAFile=${certFile}`, {
      ...settings,
      ...secrets,
      ...ses.environment,
      AWS_REGION: 'eu-west-1',
    });

    const bundles = await bundleAll(before);
    const subjects = requests.flatMap((request): Subject[] => {
      const fn = functions.find(({ name }) => name === request.functionName);
      const environment = {
        ...fn?.environment,
        ...ses.environment,
        AWS_REGION: 'eu-west-1',
        AWS_SESSION_TOKEN: 'bench',
        // By this, the driver knows that it is in Lambda.
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_LAMBDA_FUNCTION_NAME: request.functionName,
        AWS_ENDPOINT_URL_SSM: store.url,
        NODE_EXTRA_CA_CERTS: certFile,
        POWERTOOLS_LOG_LEVEL: 'SILENT',
      };
      return bundles
        .filter(({ functionName }) => functionName === request.functionName)
        .map(({ design, url }) => ({
          design,
          request,
          bundle: url,
          environment,
          memoryMegabytes: fn?.memoryMegabytes ?? 512,
        }));
    });

    const runner = await buildRunner(path.join(import.meta.dirname, 'container-process.ts'));
    const figures = new Map(subjects.map((subject) => [subject, [] as ContainerFigures[]]));
    // The first round reads everything from the disk, as no later one does; it is not counted.
    for (let round = 0; round <= rounds; round += 1) {
      report(`cold: first answers, round ${round} of ${rounds}`);
      for (const [subject, taken] of figures) {
        const { bundle, environment, request, memoryMegabytes } = subject;
        const program = { nodePath: node.path, runner, bundle, environment };
        const container = await runContainer(program, request.nextEvent, shareOf(memoryMegabytes), held);
        if (round > 0) taken.push(container);
      }
    }
    const answers = [...figures].map(([subject, taken]) => answerOf(subject, taken));
    return { server: mongo.server, rounds, isHeld: held !== null, answers };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

function createSecrets(): Readonly<Record<string, string>> {
  const { privateKey, publicKeys } = createSigningKey();
  const media = createMediaKeys();
  return {
    ...Object.fromEntries(RANDOM_KEYS.map((name) => [name, createRandomKey()])),
    ...media,
    MEDIA_KEY_PAIR_IDS: JSON.stringify(mediaKeysOf(media).keyPairIds),
    ACCESS_TOKEN_PRIVATE_KEY: privateKey,
    ACCESS_TOKEN_PUBLIC_KEYS: publicKeys,
  };
}

interface BuiltBundle {
  readonly functionName: string;
  readonly design: ColdDesign;
  readonly url: string;
}

async function bundleAll(before: string | undefined): Promise<readonly BuiltBundle[]> {
  const build = async (root: string, name: string) => {
    const { directory } = await bundleFunction(name, { root, outDir: path.join(BENCH_BUILD, 'first-answers') });
    return urlOf(directory);
  };
  const bundles: BuiltBundle[] = [];
  for (const functionName of await functionNames(PROJECT)) {
    bundles.push({ functionName, design: 'lectern', url: await build(PROJECT, functionName) });
    if (before !== undefined) {
      bundles.push({ functionName, design: 'before', url: urlOf(path.resolve(before, functionName)) });
    }
  }
  for (const design of ['express', 'driver'] as const) {
    bundles.push({ functionName: 'courses', design, url: await build(import.meta.dirname, design) });
  }
  return bundles;
}

function urlOf(directory: string): string {
  return pathToFileURL(path.join(directory, 'index.mjs')).href;
}

function answerOf({ request, design, memoryMegabytes }: Subject, taken: readonly ContainerFigures[]): FirstAnswer {
  const middle = (of: (figures: ContainerFigures) => number) => median(taken.map(of));
  return {
    functionName: request.functionName,
    key: request.key,
    kind: request.kind,
    design,
    memoryMegabytes,
    initProcessor: middle(({ init }) => init.processor),
    initWall: middle(({ init }) => init.wall),
    firstProcessor: middle(({ first }) => first.processor),
    firstWall: middle(({ first }) => first.wall),
    secondProcessor: middle(({ second }) => second.processor),
    secondWall: middle(({ second }) => second.wall),
    warmProcessor: middle(({ warm }) => median(warm)),
  };
}
