/** A server that listens only on the loopback interface, where containers cannot reach it. */
export interface LoopbackServer {
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 27017;
const URI = /^(mongodb:\/\/(?:[^@/?]*@)?)([^/?]+)([^?]*)(?:\?(.*))?$/;
const HOST = /^(localhost|127(?:\.\d+){3}|\[::1\])(?::(\d+))?$/i;

/**
 * Returns the server of a connection string if it is on this machine. Null for one that is reached by its name.
 * @throws Error for several servers of this machine, since containers could be connected to only one.
 */
export function findLoopbackServer(uri: string): LoopbackServer | null {
  const servers = (URI.exec(uri)?.[2] ?? '').split(',').map((server) => HOST.exec(server));
  if (servers.every((server) => server === null)) return null;
  const [, host = '', port] = servers[0] ?? [];
  if (servers.length > 1 || host === '') {
    throw new Error('MONGODB_URI names several servers of this machine: name the primary alone, for a container');
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? DEFAULT_PORT : Number(port) };
}

/**
 * Replaces the address of the only server in a connection string. The replica set names its loopback address, so the
 * driver must not ask for it.
 */
export function withServer(uri: string, server: LoopbackServer): string {
  const [, start = '', , path = '', query = ''] = URI.exec(uri) ?? [];
  const options = query
    .split('&')
    .filter((option) => option !== '' && !/^(replicaSet|directConnection)=/i.test(option));
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return `${start}${host}:${server.port}${path || '/'}?${[...options, 'directConnection=true'].join('&')}`;
}
