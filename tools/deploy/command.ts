import { findEnvironment } from '../environment/environment.ts';
import { parseArguments, USAGE } from './arguments.ts';
import { type FunctionCommandOptions, runFunctionCommand } from './function/command.ts';
import { type AfterDeployment, deployStack } from './stack/deploy-stack.ts';

const EXIT_USAGE = 2;

/** Where the command runs, its output, and what follows a deployment. */
export type DeployOptions = AfterDeployment & FunctionCommandOptions;

/** Runs `npm run deploy` with these arguments and returns its exit code. */
export async function runDeploy(args: readonly string[], options: DeployOptions): Promise<number> {
  const given = parseArguments(args);
  if (typeof given === 'string') {
    options.report(`${given}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (given.help) {
    options.print(USAGE);
    return 0;
  }
  const environment = await findEnvironment(options.root, given.environment);
  const { functionName: name, rollback } = given;
  if (name !== null) return runFunctionCommand(environment, { name, rollback }, options);
  return deployStack(environment, given, options);
}
