import { codeOf } from '../../../tools/platform/errors.ts';
import type { Environment } from '../../../tools/platform/run.ts';
import { type Bridge, findBridge } from './bridge.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';
import type { LoopbackServer } from './host-uri.ts';

/** Connects containers to servers of this machine until it is closed. */
export interface ContainerAccess {
  /** Returns the address at which containers reach a server that listens on the loopback interface. */
  open(server: LoopbackServer): Promise<LoopbackServer>;
  close(): Promise<void>;
}

/** The name by which Docker Desktop's containers reach servers on the machine's loopback interface. */
const DOCKER_DESKTOP_HOST = 'host.docker.internal';

/**
 * Makes servers of this machine reachable from containers, although they listen only on the loopback interface: a
 * forwarder listens on the bridge, and accepts only containers.
 */
export function createContainerAccess(env: Environment): ContainerAccess {
  const forwarders: Forwarder[] = [];
  const opened = new Map<string, Promise<LoopbackServer>>();
  let bridge: Promise<Bridge | null> | undefined;

  async function forwardTo(server: LoopbackServer): Promise<LoopbackServer> {
    bridge ??= findBridge(env);
    const found = await bridge;
    const forwarder = found === null ? null : await forwardFrom(found, server);
    if (forwarder === null) return { ...server, host: DOCKER_DESKTOP_HOST };
    forwarders.push(forwarder);
    return forwarder;
  }

  return {
    open(server) {
      const key = `${server.host} ${server.port}`;
      const access = opened.get(key) ?? forwardTo(server);
      opened.set(key, access);
      return access;
    },
    async close() {
      await Promise.allSettled(opened.values());
      for (const forwarder of forwarders) await forwarder.close();
    },
  };
}

/** Null if the engine runs in a virtual machine, as with Docker Desktop: then its bridge is not on this machine. */
async function forwardFrom(bridge: Bridge, target: LoopbackServer): Promise<Forwarder | null> {
  try {
    // Tried rather than looked up: the address of a bridge without containers is not in the list of network interfaces.
    return await startForwarder({ host: bridge.host, target, allowed: bridge.containers });
  } catch (error) {
    if (codeOf(error) === 'EADDRNOTAVAIL') return null;
    throw error;
  }
}
