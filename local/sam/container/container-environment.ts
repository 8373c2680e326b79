import type { Environment } from '../../../tools/platform/run.ts';
import type { FunctionVariables } from '../../function-variables.ts';
import { type ContainerAccess, createContainerAccess } from './container-access.ts';
import { createEnvFile } from './env-file.ts';
import { findLoopbackServer, withServer } from './host-uri.ts';

/** The environment of functions in containers, until it is closed. */
export interface ContainerEnvironment {
  readonly envFile: string;
  close(): Promise<void>;
}

/** Variables with the address of a server that containers reach at another address, or not at all. */
const ADDRESSES: Readonly<Record<string, (value: string, access: ContainerAccess) => Promise<string>>> = {
  MONGODB_URI: reachableDatabase,
  AWS_ENDPOINT_URL_SESV2: reachableUrl,
};

/** Writes these variables by logical id to a file for sam, with addresses that containers can reach. */
export async function openContainerEnvironment(
  variables: FunctionVariables,
  env: Environment,
): Promise<ContainerEnvironment> {
  const reachable = await openReachableVariables(variables, env);
  try {
    const envFile = await createEnvFile(reachable.variables);
    return {
      envFile: envFile.path,
      async close() {
        await envFile.remove();
        await reachable.close();
      },
    };
  } catch (error) {
    await reachable.close();
    throw error;
  }
}

/** Returns these variables with addresses that containers can reach until it is closed. */
export async function openReachableVariables(
  variables: FunctionVariables,
  env: Environment,
): Promise<{ readonly variables: FunctionVariables; close(): Promise<void> }> {
  const access = createContainerAccess(env);
  try {
    const functions = Object.entries(variables).map(
      async ([logicalId, own]) => [logicalId, await withReachable(own, access)] as const,
    );
    return { variables: Object.fromEntries(await Promise.all(functions)), close: access.close };
  } catch (error) {
    await access.close();
    throw error;
  }
}

async function withReachable(
  variables: Readonly<Record<string, string>>,
  access: ContainerAccess,
): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(variables).map(async ([name, value]) => {
    const reach = Object.hasOwn(ADDRESSES, name) ? ADDRESSES[name] : undefined;
    return [name, reach === undefined ? value : await reach(value, access)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

async function reachableDatabase(uri: string, access: ContainerAccess): Promise<string> {
  const server = findLoopbackServer(uri);
  return server === null ? uri : withServer(uri, await access.open(server));
}

/** For a server that was started here. */
async function reachableUrl(url: string, access: ContainerAccess): Promise<string> {
  const { protocol, hostname, port } = new URL(url);
  const reached = await access.open({ host: hostname, port: Number(port) });
  return `${protocol}//${reached.host}:${reached.port}`;
}
