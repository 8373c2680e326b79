import { codeOf } from '../mongo/failure.ts';
import type { Environment } from '../mongo/run.ts';
import { type Bridge, findBridge } from './bridge.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';
import { type LoopbackServer, loopbackServer, withServer } from './host-uri.ts';

/** A connection string that is good inside of a container, until it is closed. */
export interface ContainerUri {
  readonly uri: string;
  close(): Promise<void>;
}

/** The name under which Docker Desktop's containers reach what listens on the machine's loopback interface. */
const DOCKER_DESKTOP_HOST = 'host.docker.internal';

/**
 * Makes a database of this machine reachable from containers without it ever listening for more than this machine: what
 * listens on the bridge is a forwarder, which only containers may use. A database elsewhere is reached as it is.
 */
export async function openContainerUri(uri: string, env: Environment): Promise<ContainerUri> {
  const server = loopbackServer(uri);
  if (server === null) return { uri, close: () => Promise.resolve() };

  const bridge = await findBridge(env);
  const forwarder = bridge === null ? null : await forwardFrom(bridge, server);
  if (forwarder === null) {
    return { uri: withServer(uri, { ...server, host: DOCKER_DESKTOP_HOST }), close: () => Promise.resolve() };
  }
  return { uri: withServer(uri, forwarder), close: forwarder.close };
}

/** Null where the engine runs in a virtual machine, as under Docker Desktop: then its bridge is not of this machine. */
async function forwardFrom(bridge: Bridge, target: LoopbackServer): Promise<Forwarder | null> {
  try {
    // Tried, not looked up: an address of a bridge without containers is not in the list of network interfaces.
    return await startForwarder({ host: bridge.host, target, allowed: bridge.containers });
  } catch (error) {
    if (codeOf(error) === 'EADDRNOTAVAIL') return null;
    throw error;
  }
}
