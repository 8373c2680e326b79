import { findEnvironment } from '../environment/environment.ts';
import { parseArguments, USAGE } from './arguments.ts';
import { type AfterDeployment, deployStack } from './stack/deploy-stack.ts';

const EXIT_USAGE = 2;

/** Where the command runs, and its output. */
export interface DeployOptions extends AfterDeployment {
  /** Folder of the project. */
  readonly root: string;
  readonly print: (line: string) => void;
  readonly report: (line: string) => void;
}

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
  return deployStack(environment, given, options);
}
