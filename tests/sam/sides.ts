import path from 'node:path';
import { variablesBy, variablesOf } from '../../local/function-variables.ts';
import { startGateway } from '../../local/gateway/gateway.ts';
import type { InvocationOutcome } from '../../local/gateway/lambda/execution-environment.ts';
import type { Answer } from '../../local/gateway/response/answer.ts';
import { openContainerEnvironment } from '../../local/sam/container/container-environment.ts';
import { invokeInContainer } from '../../local/sam/container/invoke-in-container.ts';
import type { SamCli } from '../../local/sam/container/sam-cli.ts';
import { invokeDirectly } from '../../local/sam/direct/invoke-directly.ts';
import type { Values } from '../../local/sam/direct/placeholders.ts';
import { functionNamed } from '../../local/sam/functions.ts';
import { sampleValues } from '../../local/sam/sample/sample-values.ts';
import type { Environment } from '../../tools/platform/run.ts';
import type { ApiModel } from '../../tools/template/model.ts';
import { type ClientRequest, exchange } from './exchange.ts';
import { startLocalApi } from './start-api.ts';

/** The three sides, which run the same functions on a database each. */
export const SIDES = ['gateway', 'startApi', 'invoke'] as const;

export type SideName = (typeof SIDES)[number];

export interface Sides {
  readonly model: ApiModel;
  askGateway(request: ClientRequest): Promise<Answer>;
  askStartApi(request: ClientRequest): Promise<Answer>;
  invoke(functionName: string, event: string): Promise<InvocationOutcome>;
  /** Runs as the local gateway runs a function, on its database. */
  invokeDirectly(functionName: string, event: string): Promise<InvocationOutcome>;
  /** Returns the values of these placeholders on one side, for its sample account. */
  valuesOn(side: SideName, placeholders: readonly string[]): Promise<Values>;
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
  const suppliesOf = (side: SideName) => ({
    ...{ secrets, mongodbUri: databases[side], mail },
    // The same on all sides, because answers contain them. Neither is contacted.
    ...{ mediaUrl: 'https://media.example.com', apiUrl: 'https://api.example.com/v1' },
  });
  const functionOn = (side: SideName, name: string) => {
    const fn = functionNamed(model, name);
    return { fn, bundleDirectory: path.join(functionsDir, name), variables: variablesOf(fn, suppliesOf(side)) };
  };

  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const environment = variablesBy('name', model.functions, suppliesOf('gateway'));
    const gateway = await startGateway({ templateFile, functionsDir, environment, log: () => undefined });
    opened.push(gateway.close);

    const variables = variablesBy('logicalId', model.functions, suppliesOf('startApi'));
    const inContainers = await openContainerEnvironment(variables, env);
    opened.push(inContainers.close);
    const api = await startLocalApi(sam, { templateFile, envFile: inContainers.envFile }, signal);
    opened.push(api.stop);

    return {
      model,
      askGateway(request) {
        signal.throwIfAborted();
        return exchange(gateway.url, request);
      },
      askStartApi: (request) => exchange(api.url, request),
      invoke(functionName, event) {
        const invocation = { event, templateFile, env, stderr: 'kept', signal } as const;
        return invokeInContainer(sam, { ...functionOn('invoke', functionName), ...invocation });
      },
      invokeDirectly: (functionName, event) =>
        invokeDirectly({ ...functionOn('gateway', functionName), event, log: () => undefined }),
      async valuesOn(side, placeholders) {
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
