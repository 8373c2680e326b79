import { spawn } from 'node:child_process';
import path from 'node:path';
import type { DeploymentEnvironment } from '../../environment/environment.ts';
import { codeOf } from '../../platform/errors.ts';

export interface SamDeployment {
  readonly root: string;
  readonly environment: DeploymentEnvironment;
  readonly templateFile: string;
  /** Values of all parameters of the template. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Runs `sam deploy` in this terminal and returns its exit code. The program is that in the variable SAM, or `sam` on
 * the PATH.
 * @throws Error if there is no such program
 */
export function samDeploy(deployment: SamDeployment): Promise<number> {
  const command = process.env['SAM'] || 'sam';
  return new Promise((resolve, reject) => {
    const child = spawn(command, samArguments(deployment, process.stdin.isTTY === true), {
      cwd: deployment.root,
      env: process.env,
      stdio: 'inherit',
    });
    child.once('error', (error) => {
      const isMissing = codeOf(error) === 'ENOENT';
      reject(isMissing ? new Error(`There is no ${command}: install the AWS SAM CLI, or name it in SAM.`) : error);
    });
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
}

/** @param isTerminal whether somebody can answer questions */
function samArguments(
  { root, environment, templateFile, parameters }: SamDeployment,
  isTerminal: boolean,
): readonly string[] {
  const { configEnv, region, stackName, profile } = environment;
  return [
    'deploy',
    ...['--template-file', templateFile],
    // By default, sam looks for samconfig.toml beside the template.
    ...['--config-file', path.join(root, 'samconfig.toml'), '--config-env', configEnv],
    // Explicit, because variables of the shell win over samconfig.toml.
    ...['--region', region, '--stack-name', stackName],
    ...(profile === null ? [] : ['--profile', profile]),
    ...(isTerminal ? [] : ['--no-confirm-changeset']),
    // A repeated deployment goes on with its later steps.
    '--no-fail-on-empty-changeset',
    '--parameter-overrides',
    ...Object.entries(parameters).map(([name, value]) => `${name}=${quoted(value)}`),
  ];
}

/** As sam reads values in quotes (CfnParameterOverridesType). */
function quoted(value: string): string {
  return `"${value.replaceAll('"', '\\"')}"`;
}
