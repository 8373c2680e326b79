import type { Environment } from '../../../tools/platform/run.ts';
import type { FunctionModel } from '../../../tools/template/model.ts';
import type { InvocationOutcome } from '../../gateway/lambda/execution-environment.ts';
import { openContainerEnvironment } from './container-environment.ts';
import { parseInvocationOutcome } from './invocation-outcome.ts';
import { localArguments, runSam, type SamCli } from './sam-cli.ts';

export interface ContainerInvocation {
  readonly fn: FunctionModel;
  /** As JSON. Never written to a file, since it may contain tokens. */
  readonly event: string;
  readonly templateFile: string;
  /** As seen from this machine. */
  readonly variables: Readonly<Record<string, string>>;
  readonly env: Environment;
  /** Whether to show the log lines of the function and of sam. True by default. */
  readonly showLogs?: boolean;
  readonly signal: AbortSignal;
}

/** Runs a function once in a container of Lambda's image, by `sam local invoke`. */
export async function invokeInContainer(sam: SamCli, invocation: ContainerInvocation): Promise<InvocationOutcome> {
  const { fn, event, templateFile, variables, env, showLogs = true, signal } = invocation;
  const { envFile, close } = await openContainerEnvironment({ [fn.logicalId]: variables }, env);
  try {
    const options = localArguments(sam, { templateFile, envFile });
    const args = ['local', 'invoke', fn.logicalId, '--event', '-', ...options];
    const result = await runSam(sam, args, { input: event, showStderr: showLogs, signal });
    signal.throwIfAborted();
    return parseInvocationOutcome(result);
  } finally {
    await close();
  }
}
