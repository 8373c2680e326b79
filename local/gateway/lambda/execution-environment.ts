import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { isMapping } from '../../../tools/template/fields.ts';
import type { FunctionModel } from '../../../tools/template/model.ts';

/** Largest event and largest result, in bytes ("Lambda quotas": invocation payload, synchronous). */
export const MAX_PAYLOAD_BYTES = 6_291_556;

/** How long importing a function may take ("Understanding the Lambda execution environment lifecycle": init phase). */
const INIT_TIMEOUT_MILLISECONDS = 10_000;

/** The region of local functions and ARNs. */
export const REGION = 'eu-west-1';

export interface FunctionError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

export type InvocationOutcome =
  | { readonly kind: 'answered'; readonly json: string }
  | { readonly kind: 'failed'; readonly error: FunctionError };

export interface ExecutionEnvironment {
  invoke(event: string, requestId: string): Promise<InvocationOutcome>;
  /** Ends the environment once the invocations in progress are done. */
  retire(): void;
  /** Ends the environment at once. Invocations in progress fail. */
  terminate(): Promise<void>;
}

export interface ExecutionEnvironmentOptions {
  readonly fn: FunctionModel;
  readonly bundleFile: string;
  /** Variables that override those of the template. */
  readonly variables: Readonly<Record<string, string>>;
  onOutput(chunk: Buffer): void;
  /**
   * Called with errors that a handler threw, and with the error that ended the environment, which has no request id.
   */
  onError(error: FunctionError, requestId: string | null): void;
  /** Called once, when the environment accepts no more invocations. */
  onEnd(): void;
}

type WorkerMessage =
  | { readonly type: 'started' }
  | { readonly type: 'not-started'; readonly error: FunctionError }
  | { readonly type: 'answered'; readonly requestId: string; readonly json: string }
  | { readonly type: 'failed'; readonly requestId: string; readonly error: FunctionError };

/**
 * A worker thread with one function's bundle, in place of Lambda's container. Lambda runs one invocation per container
 * and starts more as needed. Here one thread takes all of them, so that they share module state as consecutive
 * invocations would, and memory use stays small.
 */
export function startExecutionEnvironment(options: ExecutionEnvironmentOptions): ExecutionEnvironment {
  const { fn } = options;
  const worker = new Worker(join(import.meta.dirname, 'worker.mjs'), {
    workerData: {
      bundleUrl: pathToFileURL(options.bundleFile).href,
      functionName: fn.name,
      memoryMegabytes: fn.memoryMegabytes,
      region: REGION,
      maxResultBytes: MAX_PAYLOAD_BYTES,
    },
    env: environmentOf(fn, options.variables),
    // Not the arguments of this process: functions must not run with a TypeScript loader.
    execArgv: [],
    argv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: fn.memoryMegabytes },
  });

  const started = deferred<void>();
  const inFlight = new Map<string, (outcome: InvocationOutcome) => void>();
  let ended: FunctionError | null = null;
  let termination: Promise<unknown> | undefined;
  let activeInvocations = 0;
  let isRetired = false;

  const initTimer = setTimeout(
    () => fail({ name: 'Runtime.InitTimeout', message: 'The function was not imported in time' }),
    INIT_TIMEOUT_MILLISECONDS,
  );

  function fail(error: FunctionError): void {
    if (ended !== null) return;
    options.onError(error, null);
    end(error);
  }

  function end(error: FunctionError): void {
    if (ended !== null) return;
    ended = error;
    clearTimeout(initTimer);
    started.resolve();
    for (const settle of inFlight.values()) settle({ kind: 'failed', error });
    options.onEnd();
    // Never rejects: `terminate` also resolves for a thread that has ended.
    termination = worker.terminate();
  }

  worker.on('message', (message: WorkerMessage) => {
    if (message.type === 'started') {
      clearTimeout(initTimer);
      started.resolve();
    } else if (message.type === 'not-started') {
      fail(message.error);
    } else if (message.type === 'answered') {
      inFlight.get(message.requestId)?.({ kind: 'answered', json: message.json });
    } else {
      options.onError(message.error, message.requestId);
      inFlight.get(message.requestId)?.({ kind: 'failed', error: message.error });
    }
  });
  worker.on('error', (error) => fail(errorOf(error)));
  worker.on('messageerror', (error) => fail(errorOf(error)));
  worker.on('exit', (code) => fail({ name: 'Runtime.ExitError', message: `The function exited with code ${code}` }));
  worker.stdout.on('data', options.onOutput);
  worker.stderr.on('data', options.onOutput);

  async function run(event: string, requestId: string): Promise<InvocationOutcome> {
    await started.promise;
    // The timeout starts here: the import has its own limit.
    if (ended !== null) return { kind: 'failed', error: ended };
    return new Promise((resolve) => {
      const timer = setTimeout(() => fail(timedOut(fn)), fn.timeoutSeconds * 1000);
      inFlight.set(requestId, (outcome) => {
        clearTimeout(timer);
        inFlight.delete(requestId);
        resolve(outcome);
      });
      worker.postMessage({ event, requestId, deadline: Date.now() + fn.timeoutSeconds * 1000 });
    });
  }

  function endIfIdle(): void {
    if (isRetired && activeInvocations === 0) end({ name: 'Runtime.Retired', message: 'The function was replaced' });
  }

  return {
    async invoke(event, requestId) {
      activeInvocations += 1;
      const outcome = await run(event, requestId);
      activeInvocations -= 1;
      endIfIdle();
      return outcome;
    },
    retire() {
      isRetired = true;
      endIfIdle();
    },
    async terminate() {
      end({ name: 'Runtime.Closed', message: 'The gateway was closed' });
      await termination;
    },
  };
}

function timedOut(fn: FunctionModel): FunctionError {
  return { name: 'Sandbox.Timedout', message: `Task timed out after ${fn.timeoutSeconds} seconds` };
}

/** The variables that Lambda sets, then the function's own ("Using Lambda environment variables"). */
function environmentOf(fn: FunctionModel, variables: Readonly<Record<string, string>>): Record<string, string> {
  return {
    AWS_DEFAULT_REGION: REGION,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_NAME: fn.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${fn.name}`,
    AWS_REGION: REGION,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: 'index.handler',
    ...fn.environment,
    ...variables,
  };
}

function errorOf(error: unknown): FunctionError {
  // Not instanceof: an error from a thread is a copy.
  if (!isMapping(error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  return {
    name: String(name ?? 'Error'),
    message: String(message ?? error),
    ...(typeof stack === 'string' ? { stack } : {}),
  };
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
