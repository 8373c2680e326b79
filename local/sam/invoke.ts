import path from 'node:path';
import { bundleFunction } from '../../scripts/bundle/bundle.ts';
import type { InvocationOutcome } from '../gateway/execution-environment.ts';
import { GatewayFault } from '../gateway/gateway-fault.ts';
import { answerOf } from '../gateway/proxy-result.ts';
import { readTemplate } from '../gateway/template.ts';
import type { Environment } from '../mongo/run.ts';
import { openDatabase } from './database.ts';
import { type InvokeArguments, readInvokeArguments } from './invoke-arguments.ts';
import { invokeDirectly } from './invoke-directly.ts';
import { invokeInContainer } from './invoke-in-container.ts';
import { listEvents, readEvent } from './sample-events.ts';
import { shownAnswer } from './shown-answer.ts';
import { findSam, MissingTools } from './tools.ts';

export interface InvokeOptions {
  readonly root: string;
  /** `template.yaml` of the project unless told otherwise. */
  readonly templateFile?: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** Gets the answer; everything else goes to stderr. */
  readonly print: (text: string) => void;
  readonly report: (message: string) => void;
}

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** Runs `npm run invoke` with these arguments and answers its exit code. */
export async function runInvoke(args: readonly string[], options: InvokeOptions): Promise<number> {
  const asked = readInvokeArguments(args, await listEvents(options.root));
  if (typeof asked === 'string') {
    options.report(asked);
    return EXIT_USAGE;
  }
  try {
    return await invoke(asked, options);
  } catch (error) {
    if (!(error instanceof MissingTools)) throw error;
    options.report(`${error.message}\nWithout them: npm run invoke -- ${args.join(' ')} --direct`);
    return EXIT_FAILED;
  }
}

async function invoke({ event, direct }: InvokeArguments, options: InvokeOptions): Promise<number> {
  const { root, env, signal, report, templateFile = path.join(root, 'template.yaml') } = options;
  const { functions, binaryMediaTypes } = readTemplate(templateFile);
  const fn = functions.find(({ name }) => name === event.functionName);
  if (fn === undefined) throw new Error(`template.yaml has no function whose CodeUri ends in ${event.functionName}/`);

  const sam = direct ? null : await findSam(env, root);
  const { directory } = await bundleFunction(fn.name, { root });
  const database = await openDatabase({ root, env, report });
  try {
    signal.throwIfAborted();
    const { variables } = database;
    const invocation = { eventFile: event.file, templateFile, variables, env, signal };
    const outcome =
      sam === null
        ? await invokeDirectly({ fn, bundleDirectory: directory, eventFile: event.file, variables })
        : await invokeInContainer(sam, fn.logicalId, invocation);
    const { headers } = await readEvent(event);
    return show(outcome, headers['Accept'], binaryMediaTypes, options);
  } finally {
    await database.close();
  }
}

/** The answer as clients would have it, or why there is none, and the exit code. */
function show(
  outcome: InvocationOutcome,
  accept: string | undefined,
  binaryMediaTypes: readonly string[],
  { print, report }: InvokeOptions,
): number {
  if (outcome.kind === 'failed') {
    report(`The function failed: ${outcome.error.name}: ${outcome.error.message}`);
    return EXIT_FAILED;
  }
  try {
    const answer = answerOf(outcome.json, accept, binaryMediaTypes);
    print(shownAnswer(answer));
    return answer.status < 500 ? 0 : EXIT_FAILED;
  } catch (error) {
    if (!(error instanceof GatewayFault)) throw error;
    report(`API Gateway would answer ${error.type}: ${error.message}\n${outcome.json}`);
    return EXIT_FAILED;
  }
}
