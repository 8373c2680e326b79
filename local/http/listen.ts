import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';

/** Binds a server to the first of these ports that is free (0: any), and returns the port. */
export async function listenOn(server: Server, ports: readonly number[], host = '127.0.0.1'): Promise<number> {
  for (const port of ports) {
    try {
      server.listen(port, host);
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  const inUse = ports.length === 1 ? `Port ${ports[0]} is` : `Ports ${ports.join(', ')} are`;
  throw new Error(`${inUse} in use on ${host}: stop the program that uses it, or choose another port`);
}

/** Reserves the first of these ports that is free, until it is released. */
export async function reservePort(
  ports: readonly number[],
): Promise<{ readonly port: number; release(): Promise<void> }> {
  // Refuses connections: an open one would delay the release of the port.
  const holder = createServer((socket) => socket.destroy());
  const port = await listenOn(holder, ports);
  let released: Promise<unknown> | undefined;
  return {
    port,
    async release() {
      if (released === undefined) {
        released = once(holder, 'close');
        holder.close();
      }
      await released;
    },
  };
}

/** Returns a port that is free now. */
export async function freePort(): Promise<number> {
  const { port, release } = await reservePort([0]);
  await release();
  return port;
}

/** Ends an HTTP server and all of its connections at once. */
export function closeServer(server: HttpServer): Promise<void> {
  return new Promise((closed) => {
    server.close(() => closed());
    server.closeAllConnections();
  });
}
