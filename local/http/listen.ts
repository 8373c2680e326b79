import { once } from 'node:events';
import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';

/** Binds a server on 127.0.0.1 to the first of these ports that is free (0: any), and answers which one it is. */
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

/** Takes the first of these ports that is free, and keeps it from others until it is released. */
export async function reservePort(
  ports: readonly number[],
): Promise<{ readonly port: number; release(): Promise<void> }> {
  // Whoever calls too early is turned away: a connection that stayed would keep the port from being released.
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

/** A port that is free now. */
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
