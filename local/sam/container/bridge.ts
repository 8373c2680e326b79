import { BlockList, isIPv4 } from 'node:net';
import { type Environment, runToEnd } from '../../../tools/platform/run.ts';
import { isMapping } from '../../../tools/template/fields.ts';

/** Docker's default network for containers. */
export interface Bridge {
  /** The address of the engine's host in it. */
  readonly host: string;
  readonly containers: BlockList;
}

/** An engine that does not answer must not keep `npm start` waiting. */
const ANSWER_SECONDS = 5;

/** Null if the engine does not answer, or has no such network. */
export async function findBridge(env: Environment): Promise<Bridge | null> {
  const args = ['network', 'inspect', 'bridge', '--format', '{{json .IPAM.Config}}'];
  const { exitCode, stdout } = await runToEnd('docker', args, { env, silenceSeconds: ANSWER_SECONDS });
  return exitCode === 0 ? parseBridge(JSON.parse(stdout)) : null;
}

/** Parses Docker's description of the bridge. Null if it has no IPv4 addresses. */
export function parseBridge(config: unknown): Bridge | null {
  const pools = Array.isArray(config) ? config.filter(isMapping) : [];
  for (const { Subnet: subnet, Gateway: gateway } of pools) {
    const [network = '', prefix = ''] = String(subnet).split('/');
    if (!isIPv4(network)) continue;
    const containers = new BlockList();
    containers.addSubnet(network, Number(prefix), 'ipv4');
    // Older engines name the gateway only if it was set explicitly. Otherwise it is the first address.
    const host = typeof gateway === 'string' && gateway !== '' ? gateway : firstAddress(network);
    return { host, containers };
  }
  return null;
}

function firstAddress(network: string): string {
  return network.replace(/\d+$/, (last) => String(Number(last) + 1));
}
