import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { bundleFunction } from '../../tools/build/bundle.ts';
import { localSecrets } from '../../tools/keys/local-secrets.ts';
import type { Environment } from '../../tools/platform/run.ts';
import type { ApiModel } from '../../tools/template/model.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { type Supplies, variablesOf } from '../function-variables.ts';
import { createTerminalLog } from '../gateway/lambda/terminal-log.ts';
import { createOutbox } from '../mail/outbox.ts';
import { startSes } from '../mail/ses.ts';
import { invokeInContainer } from './container/invoke-in-container.ts';
import { findSam, MissingTools } from './container/tools.ts';
import { openDatabase } from './database.ts';
import { invokeDirectly } from './direct/invoke-directly.ts';
import { fillPlaceholders, placeholdersIn, type Values } from './direct/placeholders.ts';
import { functionNamed, isAuthorizer } from './functions.ts';
import { type InvokeArguments, readInvokeArguments } from './invoke-arguments.ts';
import { listEvents, readEventText } from './sample/sample-events.ts';
import { sampleValues } from './sample/sample-values.ts';
import { EXIT_FAILED, type Output, showAnswer, showDecision } from './show-outcome.ts';

export interface InvokeOptions extends Output {
  readonly root: string;
  /** `template.yaml` of the project by default. */
  readonly templateFile?: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

const EXIT_USAGE = 2;

const NOBODY_SIGNED_IN =
  'Nobody can be signed in, so the event goes as it is, placeholders and all: only the database of this folder has sample accounts, and `npm start` makes them anew at each start.';

/** Runs `npm run invoke` with these arguments and returns its exit code. */
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

async function invoke({ event: sample, direct }: InvokeArguments, options: InvokeOptions): Promise<number> {
  const { root, env, signal, report, templateFile = path.join(root, 'template.yaml') } = options;
  const model = readTemplate(templateFile);
  const fn = functionNamed(model, sample.functionName);
  const sam = direct ? null : await findSam(env, root);
  const { directory: bundleDirectory } = await bundleFunction(fn.name, { root });

  const opened: (() => Promise<void>)[] = [];
  try {
    const dataDir = path.join(root, '.data');
    await mkdir(path.join(dataDir, 'media'), { recursive: true });
    const secrets = await localSecrets(dataDir);
    const password = secrets['SAMPLE_PASSWORD'] ?? '';
    const database = await openDatabase({ root, dataDir, env, password, report });
    opened.push(database.close);
    const ses = await startSes(createOutbox({ folder: path.join(dataDir, 'outbox'), report }));
    opened.push(ses.close);
    const { mongodbUri, mediaUrl } = database;
    const supplies = { secrets, mongodbUri, mediaUrl, apiUrl: null, mail: ses.environment };

    const text = await readEventText(sample);
    const event = fillPlaceholders(text, await valuesFor(placeholdersIn(text), database, model, supplies, options));
    const variables = variablesOf(fn, supplies);
    signal.throwIfAborted();
    const outcome =
      sam === null
        ? await invokeDirectly({ fn, bundleDirectory, event, variables, log: createTerminalLog(process.stderr) })
        : await invokeInContainer(sam, { fn, event, templateFile, variables, env, signal });
    return isAuthorizer(model, fn.name) ? showDecision(outcome, options) : showAnswer(outcome, event, model, options);
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

/** Returns the values of an event's placeholders, for the sample account of events/auth/login.json. */
async function valuesFor(
  placeholders: readonly string[],
  { hasSampleAccounts }: { readonly hasSampleAccounts: boolean },
  model: ApiModel,
  supplies: Supplies,
  { root, report }: InvokeOptions,
): Promise<Values> {
  const { SAMPLE_PASSWORD: password = '' } = supplies.secrets;
  const ready = async (name: string) => {
    const fn = functionNamed(model, name);
    const { directory: bundleDirectory } = await bundleFunction(name, { root });
    return { fn, bundleDirectory, variables: variablesOf(fn, supplies) };
  };
  const isAnonymous = placeholders.length > 0 && !hasSampleAccounts;
  const values = isAnonymous ? null : await sampleValues(placeholders, { root, password, ready });
  if (values === null) report(NOBODY_SIGNED_IN);
  return values ?? {};
}
