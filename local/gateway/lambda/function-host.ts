import {
  type ExecutionEnvironment,
  type ExecutionEnvironmentOptions,
  type InvocationOutcome,
  startExecutionEnvironment,
} from './execution-environment.ts';
import { createOutputReader } from './function-output.ts';
import type { Log } from './log.ts';

/** Runs one function in a worker thread, which starts on first use and is replaced when it ends. */
export interface FunctionHost {
  invoke(event: string, requestId: string): Promise<InvocationOutcome>;
  /** Loads the new bundle for the next invocation. Those in progress finish with the old one. */
  reload(): void;
  close(): Promise<void>;
}

export type FunctionHostOptions = Pick<ExecutionEnvironmentOptions, 'fn' | 'bundleFile' | 'variables'> & {
  readonly log: Log;
};

export function createFunctionHost(options: FunctionHostOptions): FunctionHost {
  const { fn, log } = options;
  const running = new Set<ExecutionEnvironment>();
  let current: ExecutionEnvironment | undefined;
  let isClosed = false;

  function start(): ExecutionEnvironment {
    const output = createOutputReader(fn.name, log);
    const environment = startExecutionEnvironment({
      ...options,
      onOutput: output,
      onError(error, requestId) {
        // This error is how an authorizer says no ("Output from an API Gateway Lambda authorizer"). The access log has
        // it already.
        if (error.message === 'Unauthorized') return;
        const message = `${error.name}: ${error.message}`;
        const details = error.stack === undefined ? {} : { error };
        log({ kind: 'function', function: fn.name, level: 'ERROR', message, requestId, details });
      },
      onEnd() {
        running.delete(environment);
        if (current === environment) current = undefined;
      },
    });
    running.add(environment);
    return environment;
  }

  return {
    async invoke(event, requestId) {
      if (isClosed) return { kind: 'failed', error: { name: 'Runtime.Closed', message: 'The gateway was closed' } };
      current ??= start();
      return current.invoke(event, requestId);
    },
    reload() {
      const replaced = current;
      current = undefined;
      replaced?.retire();
    },
    async close() {
      isClosed = true;
      await Promise.all([...running].map((environment) => environment.terminate()));
    },
  };
}
