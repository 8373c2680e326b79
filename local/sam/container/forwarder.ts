import { once } from 'node:events';
import { type AddressInfo, type BlockList, connect, createServer, type Socket } from 'node:net';

export interface ForwarderOptions {
  /** Address to listen on, with any free port. */
  readonly host: string;
  readonly target: { readonly host: string; readonly port: number };
  /** Who may connect. */
  readonly allowed: BlockList;
}

export interface Forwarder {
  readonly host: string;
  readonly port: number;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

/** Forwards TCP connections to another address until it is closed. */
export async function startForwarder({ host, target, allowed }: ForwarderOptions): Promise<Forwarder> {
  const open = new Set<Socket>();
  const server = createServer((incoming) => {
    if (incoming.remoteAddress === undefined || !allowed.check(incoming.remoteAddress)) {
      incoming.destroy();
      return;
    }
    const outgoing = connect(target);
    join(incoming, outgoing);
    join(outgoing, incoming);
  });

  function join(from: Socket, to: Socket): void {
    open.add(from);
    // If one side breaks off, the other one ends too, so there is nothing to report.
    from.on('error', () => to.destroy());
    from.on('close', () => {
      open.delete(from);
      to.destroy();
    });
    from.pipe(to);
  }

  server.listen(0, host);
  await once(server, 'listening');
  return {
    host,
    port: (server.address() as AddressInfo).port,
    close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      for (const socket of open) socket.destroy();
      return closed;
    },
  };
}
