import { devNull } from 'node:os';
import { type Environment, type RunOptions, type RunResult, runToEnd } from '../../../tools/platform/run.ts';
import { lambdaArchitecture } from '../../../tools/sam/sam-files.ts';

/** The SAM CLI, and how to run it here. */
export interface SamCli {
  /** `sam` on the PATH, or the program that SAM names. */
  readonly command: string;
  readonly env: Environment;
  /** Folder of the project, with samconfig.toml, which has the region. */
  readonly cwd: string;
  /** For machines that reach no registry and have the image already. */
  readonly skipPullImage: boolean;
}

export function samCli(env: Environment, root: string): SamCli {
  return {
    command: env['SAM'] || 'sam',
    env: samEnvironment(env),
    cwd: root,
    skipPullImage: env['SAM_SKIP_PULL_IMAGE'] === '1',
  };
}

export function runSam(
  sam: SamCli,
  args: readonly string[],
  options: Omit<RunOptions, 'env' | 'cwd'> = {},
): Promise<RunResult> {
  return runToEnd(sam.command, args, { env: sam.env, cwd: sam.cwd, ...options });
}

export interface LocalRun {
  readonly templateFile: string;
  readonly envFile: string;
}

/** Options of both `sam local invoke` and `sam local start-api`. */
export function localArguments(sam: SamCli, { templateFile, envFile }: LocalRun): string[] {
  return [
    // Explicit, because sam prefers an earlier `sam build` in .aws-sam/.
    ...['--template', templateFile],
    ...['--env-vars', envFile],
    ...['--parameter-overrides', `Architecture=${lambdaArchitecture(process.arch)}`],
    ...(sam.skipPullImage ? ['--skip-pull-image'] : []),
  ];
}

/**
 * sam passes a developer's AWS credentials to the functions it runs. Local functions must not reach an account, as they
 * cannot under the local gateway: sam finds no credentials and makes some up.
 */
function samEnvironment(env: Environment): Environment {
  const rest = Object.entries(env).filter(([name]) => !name.startsWith('AWS_') || name.endsWith('REGION'));
  return {
    ...Object.fromEntries(rest),
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    SAM_CLI_TELEMETRY: env['SAM_CLI_TELEMETRY'] ?? '0',
  };
}
