import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';

/** Binds a server on 127.0.0.1 to the first free one of these ports (0: any), and returns it. */
export async function listenOn(server: Server, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new Error(ports.length === 1 ? `Port ${ports[0]} is in use` : `None of the ports ${ports.join(', ')} is free`);
}

/** Reserves the first free one of these ports until it is released. */
export async function reservePort(
  ports: readonly number[],
): Promise<{ readonly port: number; release(): Promise<void> }> {
  // Refuses connections, because an open one would keep the port from being released.
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
