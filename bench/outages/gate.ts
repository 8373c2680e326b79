import { connect, createServer, type Socket } from 'node:net';
import { listenOn } from '../../local/http/listen.ts';

/** A way to the database that can be closed. */
export interface Gate {
  readonly port: number;
  /** Ends all connections and refuses new ones. */
  shut(): Promise<void>;
  open(): Promise<void>;
}

/** Opens a gate to a port of 127.0.0.1. */
export async function openGate(target: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(end);
      end.setNoDelay(true).pipe(other);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        sockets.delete(end);
        other.destroy();
      });
    }
  });
  const port = await listenOn(server, [0]);
  return {
    port,
    async shut() {
      if (!server.listening) return;
      await new Promise<void>((shut) => {
        server.close(() => shut());
        for (const socket of sockets) socket.resetAndDestroy();
      });
    },
    async open() {
      await listenOn(server, [port]);
    },
  };
}
