import { codeOf, messageOf } from '../../../tools/platform/errors.ts';
import { type Environment, lastLine, type RunResult, runToEnd } from '../../../tools/platform/run.ts';
import { type SamCli, samCli } from './sam-cli.ts';

/** A program is missing. The message names it and says how to install it. */
export class MissingTools extends Error {
  override readonly name = 'MissingTools';
}

const INSTALL_SAM =
  'install it with `pipx install aws-sam-cli` or as described in "Install the AWS SAM CLI" of its developer guide, or set SAM to its path';
const INSTALL_DOCKER = 'install Docker Engine or Docker Desktop (https://docs.docker.com/get-docker/)';
const START_DOCKER = 'start Docker Desktop or the docker service, and check that you have access to it (`docker info`)';

/**
 * Finds the SAM CLI, and checks that it and a Docker engine answer.
 * @throws MissingTools that names everything missing.
 */
export async function findSam(env: Environment, root: string): Promise<SamCli> {
  const sam = samCli(env, root);
  const [samProblem, dockerProblem] = await Promise.all([
    problemWith(sam.command, ['--version'], sam.env, {
      absent: `The SAM CLI is missing: there is no \`${sam.command}\`; ${INSTALL_SAM}.`,
      failing: `The SAM CLI \`${sam.command}\` does not run; ${INSTALL_SAM}.`,
    }),
    problemWith('docker', ['version', '--format', '{{.Server.Version}}'], env, {
      absent: `Docker is missing: there is no \`docker\` on the PATH; ${INSTALL_DOCKER}.`,
      failing: `Docker is installed, but its engine does not respond; ${START_DOCKER}.`,
    }),
  ]);
  const problems = [samProblem, dockerProblem].filter((problem) => problem !== null);
  if (problems.length > 0) throw new MissingTools(problems.join('\n'));
  return sam;
}

async function problemWith(
  command: string,
  args: readonly string[],
  env: Environment,
  messages: { readonly absent: string; readonly failing: string },
): Promise<string | null> {
  let result: RunResult;
  try {
    result = await runToEnd(command, args, { env });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return messages.absent;
    return `${messages.failing} (${messageOf(error)})`;
  }
  return result.exitCode === 0 ? null : `${messages.failing} (${lastLine(result.stderr) ?? 'it printed nothing'})`;
}
