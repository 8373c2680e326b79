import type { Environment } from '../mongo/run.ts';
import { openContainerUri } from './container-uri.ts';
import { createEnvFile } from './env-file.ts';

/** What functions in containers are given, until it is closed. */
export interface ContainerEnvironment {
  readonly envFile: string;
  close(): Promise<void>;
}

/** These variables in a file for sam, their database reachable from containers. */
export async function openContainerEnvironment(
  variables: Readonly<Record<string, string>>,
  env: Environment,
): Promise<ContainerEnvironment> {
  const { MONGODB_URI: mongodbUri = '' } = variables;
  const reachable = await openContainerUri(mongodbUri, env);
  const envFile = await createEnvFile({ ...variables, MONGODB_URI: reachable.uri });
  return {
    envFile: envFile.path,
    async close() {
      await envFile.remove();
      await reachable.close();
    },
  };
}
