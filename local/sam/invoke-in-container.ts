import type { InvocationOutcome } from '../gateway/execution-environment.ts';
import type { Environment } from '../mongo/run.ts';
import { openContainerEnvironment } from './container-environment.ts';
import { outcomeOf } from './outcome.ts';
import { localArguments, runSam, type SamCli } from './sam-cli.ts';

export interface ContainerInvocation {
  readonly eventFile: string;
  readonly templateFile: string;
  /** MONGODB_URI among them, as this machine knows it. */
  readonly variables: Readonly<Record<string, string>>;
  readonly env: Environment;
  /** What to do with the function's log lines and sam's own; shown unless told otherwise. */
  readonly stderr?: 'shown' | 'kept';
  readonly signal: AbortSignal;
}

/** Runs a function once, by `sam local invoke`, in a container of Lambda's own image. */
export async function invokeInContainer(
  sam: SamCli,
  logicalId: string,
  invocation: ContainerInvocation,
): Promise<InvocationOutcome> {
  const { eventFile, templateFile, variables, env, stderr = 'shown', signal } = invocation;
  const { envFile, close } = await openContainerEnvironment(variables, env);
  try {
    const settings = localArguments(sam, { templateFile, envFile });
    const args = ['local', 'invoke', logicalId, '--event', eventFile, ...settings];
    const finished = await runSam(sam, args, { stderr, signal });
    signal.throwIfAborted();
    return outcomeOf(finished);
  } finally {
    await close();
  }
}
