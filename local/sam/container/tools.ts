import { codeOf, messageOf } from '../../../tools/platform/errors.ts';
import { type Environment, lastLine } from '../../../tools/platform/run.ts';
import { type Finished, runToEnd } from './command.ts';
import { type SamCli, samCli } from './sam-cli.ts';

/** A program is missing. The message says which, and how to get it. */
export class MissingTools extends Error {
  override readonly name = 'MissingTools';
}

const INSTALL_SAM =
  'install it with `pipx install aws-sam-cli` or as "Install the AWS SAM CLI" of its developer guide says, or name it in the variable SAM';
const INSTALL_DOCKER = 'install Docker Engine or Docker Desktop (https://docs.docker.com/get-docker/)';
const START_DOCKER = 'start Docker Desktop or the docker service, and see that you may use it (`docker info`)';

/**
 * Finds the SAM CLI, and checks that it and a Docker engine answer.
 * @throws MissingTools that names everything missing.
 */
export async function findSam(env: Environment, root: string): Promise<SamCli> {
  const sam = samCli(env, root);
  const [samFault, dockerFault] = await Promise.all([
    faultOf(sam.command, ['--version'], sam.env, {
      absent: `The SAM CLI is missing: there is no \`${sam.command}\`; ${INSTALL_SAM}.`,
      failing: `The SAM CLI \`${sam.command}\` does not run; ${INSTALL_SAM}.`,
    }),
    faultOf('docker', ['version', '--format', '{{.Server.Version}}'], env, {
      absent: `Docker is missing: there is no \`docker\` on the PATH; ${INSTALL_DOCKER}.`,
      failing: `Docker is there, but its engine does not answer; ${START_DOCKER}.`,
    }),
  ]);
  const faults = [samFault, dockerFault].filter((fault) => fault !== null);
  if (faults.length > 0) throw new MissingTools(faults.join('\n'));
  return sam;
}

async function faultOf(
  command: string,
  args: readonly string[],
  env: Environment,
  words: { readonly absent: string; readonly failing: string },
): Promise<string | null> {
  let finished: Finished;
  try {
    finished = await runToEnd(command, args, { env });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return words.absent;
    return `${words.failing} (${messageOf(error)})`;
  }
  return finished.exitCode === 0 ? null : `${words.failing} (${lastLine(finished.stderr) ?? 'it says nothing'})`;
}
