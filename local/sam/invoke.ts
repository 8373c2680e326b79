import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { bundleFunction } from '../../tools/build/bundle.ts';
import { localSecrets } from '../../tools/keys/local-secrets.ts';
import type { Environment } from '../../tools/platform/run.ts';
import { type ApiModel, functionNamed, isAuthorizer } from '../../tools/template/model.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { type LocalSettings, variablesOf } from '../function-variables.ts';
import { invokeOnce } from '../gateway/lambda/invoke-once.ts';
import { createTerminalLog } from '../gateway/lambda/terminal-log.ts';
import { createOutbox } from '../mail/outbox.ts';
import { startSes } from '../mail/ses.ts';
import { invokeInContainer } from './container/invoke-in-container.ts';
import { findSam, MissingTools } from './container/tools.ts';
import { openDatabase } from './database.ts';
import { type InvokeArguments, readInvokeArguments } from './invoke-arguments.ts';
import { fillPlaceholders, type PlaceholderValues, placeholdersIn } from './sample/placeholders.ts';
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

const NOT_SIGNED_IN =
  'The event is sent with its placeholders, because the database has no sample account to sign in to. `npm start` creates the sample accounts in its own database.';

/** Runs `npm run invoke` with these arguments and returns its exit code. */
export async function runInvoke(args: readonly string[], options: InvokeOptions): Promise<number> {
  const invocation = readInvokeArguments(args, await listEvents(options.root));
  if (typeof invocation === 'string') {
    options.report(invocation);
    return EXIT_USAGE;
  }
  try {
    return await invoke(invocation, options);
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
  const bundleFile = await bundle(root, fn.name);

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
    const settings = { secrets, mongodbUri, mediaUrl, apiUrl: null, mail: ses.environment };

    const text = await readEventText(sample);
    const event = fillPlaceholders(
      text,
      await placeholderValues(placeholdersIn(text), database, model, settings, options),
    );
    const variables = variablesOf(fn, settings);
    signal.throwIfAborted();
    const outcome =
      sam === null
        ? await invokeOnce(event, { fn, bundleFile, variables, log: createTerminalLog(process.stderr) })
        : await invokeInContainer(sam, { fn, event, templateFile, variables, env, signal });
    return isAuthorizer(model, fn.name) ? showDecision(outcome, options) : showAnswer(outcome, event, model, options);
  } finally {
    for (const close of opened.reverse()) await close();
  }
}

async function bundle(root: string, functionName: string): Promise<string> {
  const { directory } = await bundleFunction(functionName, { root });
  return path.join(directory, 'index.mjs');
}

/** Returns values for the placeholders of an event. Empty, with a message, if nobody can sign in. */
async function placeholderValues(
  placeholders: readonly string[],
  { hasSampleAccounts }: { readonly hasSampleAccounts: boolean },
  model: ApiModel,
  settings: LocalSettings,
  { root, report }: InvokeOptions,
): Promise<PlaceholderValues> {
  const { SAMPLE_PASSWORD: password = '' } = settings.secrets;
  const ready = async (name: string) => {
    const fn = functionNamed(model, name);
    return { fn, bundleFile: await bundle(root, name), variables: variablesOf(fn, settings) };
  };
  const isAnonymous = placeholders.length > 0 && !hasSampleAccounts;
  const values = isAnonymous ? null : await sampleValues(placeholders, { root, password, ready });
  if (values === null) report(NOT_SIGNED_IN);
  return values ?? {};
}
