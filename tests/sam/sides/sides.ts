import path from 'node:path';
import { variablesByFunction, variablesOf } from '../../../local/function-variables.ts';
import { startGateway } from '../../../local/gateway/gateway.ts';
import type { InvocationOutcome } from '../../../local/gateway/lambda/execution-environment.ts';
import { invokeOnce } from '../../../local/gateway/lambda/invoke-once.ts';
import type { Answer } from '../../../local/gateway/response/answer.ts';
import { openContainerEnvironment } from '../../../local/sam/container/container-environment.ts';
import { invokeInContainer } from '../../../local/sam/container/invoke-in-container.ts';
import type { SamCli } from '../../../local/sam/container/sam-cli.ts';
import type { PlaceholderValues } from '../../../local/sam/sample/placeholders.ts';
import { sampleValues } from '../../../local/sam/sample/sample-values.ts';
import type { Environment } from '../../../tools/platform/run.ts';
import { type ApiModel, functionNamed } from '../../../tools/template/model.ts';
import { type ClientRequest, exchange } from './exchange.ts';
import { startLocalApi } from './start-api.ts';

/** The three sides run the same functions, each on its own database. */
export const SIDES = ['gateway', 'startApi', 'invoke'] as const;

export type SideName = (typeof SIDES)[number];

export interface Sides {
  readonly model: ApiModel;
  sendToGateway(request: ClientRequest): Promise<Answer>;
  sendToStartApi(request: ClientRequest): Promise<Answer>;
  invoke(functionName: string, event: string): Promise<InvocationOutcome>;
  /** Runs a function as the local gateway does, on the gateway's database. */
  invokeWithoutDocker(functionName: string, event: string): Promise<InvocationOutcome>;
  /** Returns values of these placeholders on one side, for its sample account. */
  placeholderValues(side: SideName, placeholders: readonly string[]): Promise<PlaceholderValues>;
  close(): Promise<void>;
}

export interface SidesOptions {
  readonly root: string;
  readonly templateFile: string;
  readonly sam: SamCli;
  readonly env: Environment;
  readonly secrets: Readonly<Record<string, string>>;
  /** Settings that direct the functions' mail. */
  readonly mail: Readonly<Record<string, string>>;
  readonly databases: Readonly<Record<SideName, string>>;
  readonly model: ApiModel;
  readonly signal: AbortSignal;
}

export async function openSides(options: SidesOptions): Promise<Sides> {
  const { root, templateFile, sam, env, secrets, mail, databases, model, signal } = options;
  const { SAMPLE_PASSWORD: password = '' } = secrets;
  const functionsDir = path.join(root, '.build/functions');
  const settingsFor = (side: SideName) => ({
    ...{ secrets, mongodbUri: databases[side], mail },
    // The same on all sides, because answers contain them. Neither is contacted.
    ...{ mediaUrl: 'https://media.example.com', apiUrl: 'https://api.example.com/v1' },
  });
  const functionOn = (side: SideName, name: string) => {
    const fn = functionNamed(model, name);
    return {
      fn,
      bundleFile: path.join(functionsDir, name, 'index.mjs'),
      variables: variablesOf(fn, settingsFor(side)),
    };
  };

  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const environment = variablesByFunction('name', model.functions, settingsFor('gateway'));
    const gateway = await startGateway({ templateFile, functionsDir, environment, log: () => undefined });
    opened.push(gateway.close);

    const variables = variablesByFunction('logicalId', model.functions, settingsFor('startApi'));
    const inContainers = await openContainerEnvironment(variables, env);
    opened.push(inContainers.close);
    const api = await startLocalApi(sam, { templateFile, envFile: inContainers.envFile }, signal);
    opened.push(api.stop);

    return {
      model,
      sendToGateway(request) {
        signal.throwIfAborted();
        return exchange(gateway.url, request);
      },
      sendToStartApi: (request) => exchange(api.url, request),
      invoke(functionName, event) {
        const invocation = { event, templateFile, env, showLogs: false, signal } as const;
        return invokeInContainer(sam, { ...functionOn('invoke', functionName), ...invocation });
      },
      invokeWithoutDocker: (functionName, event) =>
        invokeOnce(event, { ...functionOn('gateway', functionName), log: () => undefined }),
      async placeholderValues(side, placeholders) {
        const ready = (name: string) => functionOn(side, name);
        const values = await sampleValues(placeholders, { root, password, ready });
        if (values === null) throw new Error('There is no sample account to sign in to');
        return values;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
