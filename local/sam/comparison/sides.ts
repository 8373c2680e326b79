import path from 'node:path';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { Answer } from '../../gateway/answer.ts';
import type { FunctionError, InvocationOutcome } from '../../gateway/execution-environment.ts';
import { startGateway } from '../../gateway/gateway.ts';
import type { ApiModel } from '../../gateway/model.ts';
import { answerOf } from '../../gateway/proxy-result.ts';
import type { Environment } from '../../mongo/run.ts';
import { openContainerEnvironment } from '../container-environment.ts';
import { invokeInContainer } from '../invoke-in-container.ts';
import type { SamCli } from '../sam-cli.ts';
import type { SampleEvent } from '../sample-events.ts';
import { type ClientRequest, exchange } from './exchange.ts';
import { startLocalApi } from './start-api.ts';

/** The three that run the same functions, each on a database of its own. */
export interface Sides {
  readonly model: ApiModel;
  askGateway(request: ClientRequest): Promise<Answer>;
  askStartApi(request: ClientRequest): Promise<Answer>;
  /** The answer, as a client of API Gateway would have it, or the error of the function. */
  invoke(sample: SampleEvent, event: APIGatewayProxyEvent): Promise<Answer | FunctionError>;
  close(): Promise<void>;
}

export interface SidesOptions {
  readonly root: string;
  readonly templateFile: string;
  readonly sam: SamCli;
  readonly env: Environment;
  readonly secrets: Readonly<Record<string, string>>;
  readonly databases: { readonly gateway: string; readonly startApi: string; readonly invoke: string };
  readonly signal: AbortSignal;
}

export async function openSides(options: SidesOptions): Promise<Sides> {
  const { root, templateFile, sam, env, secrets, databases, signal } = options;
  const variablesOf = (mongodbUri: string) => ({ ...secrets, MONGODB_URI: mongodbUri });
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end();
  };
  try {
    const gateway = await startGateway({
      templateFile,
      functionsDir: path.join(root, '.build/functions'),
      environment: { '*': variablesOf(databases.gateway) },
      log: () => undefined,
    });
    opened.push(gateway.close);

    const environment = await openContainerEnvironment(variablesOf(databases.startApi), env);
    opened.push(environment.close);
    const api = await startLocalApi(sam, { templateFile, envFile: environment.envFile }, signal);
    opened.push(api.stop);

    return {
      model: gateway.model,
      askGateway(request) {
        signal.throwIfAborted();
        return exchange(gateway.url, request);
      },
      askStartApi: (request) => exchange(api.url, request),
      async invoke({ functionName, file }, { headers }) {
        const outcome = await invokeInContainer(sam, logicalIdOf(gateway.model, functionName), {
          eventFile: file,
          templateFile,
          variables: variablesOf(databases.invoke),
          env,
          stderr: 'kept',
          signal,
        });
        return readOutcome(outcome, headers['Accept'], gateway.model);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function logicalIdOf({ functions }: ApiModel, functionName: string): string {
  const fn = functions.find(({ name }) => name === functionName);
  if (fn === undefined) throw new Error(`events/${functionName}/ belongs to no function of the template`);
  return fn.logicalId;
}

function readOutcome(
  outcome: InvocationOutcome,
  accept: string | undefined,
  { binaryMediaTypes }: ApiModel,
): Answer | FunctionError {
  return outcome.kind === 'failed' ? outcome.error : answerOf(outcome.json, accept, binaryMediaTypes);
}
