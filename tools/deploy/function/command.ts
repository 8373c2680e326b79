import { setTimeout } from 'node:timers/promises';
import type { DeploymentEnvironment } from '../../environment/environment.ts';
import { interruption } from '../../platform/interruption.ts';
import { run as runProgram } from '../../platform/run.ts';
import { fingerprints } from '../../release/fingerprint.ts';
import type { RollbackArguments } from '../arguments.ts';
import { Refusal } from '../deployed/refusal.ts';
import { Interrupted } from '../traffic/follow.ts';
import type { Run } from '../traffic/target.ts';
import { deployFunction } from './deploy-function.ts';
import { rollBack } from './roll-back.ts';

const EXIT_FAILED = 1;

/** As of a process that SIGINT ended. */
const EXIT_INTERRUPTED = 130;

export interface FunctionCommandOptions {
  readonly root: string;
  readonly print: (line: string) => void;
  readonly report: (line: string) => void;
  /** Null if there is no account for it. */
  readonly smokeOfFunction: Run['smoke'];
}

/** Deploys one function or rolls it back, and returns the exit code of the command. */
export async function runFunctionCommand(
  environment: DeploymentEnvironment,
  { name, rollback }: { readonly name: string; readonly rollback: RollbackArguments | null },
  options: FunctionCommandOptions,
): Promise<number> {
  const run = startRun(environment, name, options);
  try {
    const succeeded = rollback === null ? await deploy(run) : await rollBack({ ...run, ...rollback });
    return succeeded ? 0 : EXIT_FAILED;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof Interrupted)) throw error;
    options.report(error.message);
    return error instanceof Interrupted ? EXIT_INTERRUPTED : EXIT_FAILED;
  }
}

/** Deploys functions alone after their stack, whose configuration they get. Tells whether all are live. */
export async function deployAfterStack(
  environment: DeploymentEnvironment,
  names: readonly string[],
  options: Omit<FunctionCommandOptions, 'smokeOfFunction'>,
): Promise<boolean> {
  let succeeded = true;
  for (const name of names) {
    // The stack's own smoke test follows.
    const run = startRun(environment, name, { ...options, smokeOfFunction: null });
    succeeded = (await deploy(run, true)) && succeeded;
  }
  return succeeded;
}

async function deploy(run: Run, mayChangeConfiguration = false): Promise<boolean> {
  const { root } = run;
  const [current, revision] = [await fingerprints(root), await cleanRevision(root)];
  return deployFunction({ ...run, current, revision, mayChangeConfiguration });
}

function startRun(environment: DeploymentEnvironment, name: string, options: FunctionCommandOptions): Run {
  let signal: AbortSignal | undefined;
  return {
    ...{ environment, name, root: options.root, print: options.print, smoke: options.smokeOfFunction },
    now: () => new Date(),
    // A person who presses Ctrl-C must not wait for the next poll.
    pause: async (milliseconds) => {
      await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    },
    interruption: () => {
      signal ??= interruption();
      return signal;
    },
  };
}

/** Returns the commit that these files are, or null if they differ from it, or Git cannot tell. */
async function cleanRevision(root: string): Promise<string | null> {
  const options = { cwd: root, env: process.env };
  try {
    const changes = await runProgram('git', ['status', '--porcelain'], options);
    return changes === '' ? (await runProgram('git', ['rev-parse', '--short=12', 'HEAD'], options)).trim() : null;
  } catch {
    return null;
  }
}
