import { connect, createServer, type Socket } from 'node:net';
import { listenOn } from '../../../local/http/listen.ts';

/** A line between functions and their database that can lose replies. */
export interface DatabaseLine {
  /** The port on 127.0.0.1 to connect to. */
  readonly port: number;
  /** The port on 127.0.0.1 that it forwards to, from the next connection on. */
  leadTo(port: number): void;
  /**
   * Loses the reply to the next update of a collection, and closes the connection: the database has made the update,
   * but the client does not know. Resolves when that has happened, after `meanwhile`.
   */
  loseReplyToUpdateOf(collection: string, meanwhile?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Opens a line to a database. The connection string must say `directConnection=true`. */
export async function openDatabaseLine(): Promise<DatabaseLine> {
  let target = 0;
  let loss: { readonly command: Buffer; lose(): void } | undefined;
  const sockets = new Set<Socket>();

  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    let replyIsLost: (() => void) | undefined;
    near.on('data', (request) => {
      if (loss !== undefined && request.includes(loss.command)) {
        replyIsLost = loss.lose;
        loss = undefined;
      }
      far.write(request);
    });
    // A connection runs one command at a time, so the next data are the reply to the last command.
    far.on('data', (reply) => {
      if (replyIsLost === undefined) near.write(reply);
      else replyIsLost();
    });
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        sockets.delete(end);
        other.destroy();
      });
    }
  });
  const port = await listenOn(server, [0]);

  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    leadTo(port) {
      target = port;
    },
    loseReplyToUpdateOf(collection, meanwhile = () => Promise.resolve()) {
      return new Promise((resolve, reject) => {
        const lose = () => void meanwhile().then(cut).then(resolve, reject);
        loss = { command: updateOf(collection), lose };
      });
    },
    async close() {
      cut();
      await new Promise((closed) => {
        server.close(closed);
      });
    },
  };
}

/** The start of a command `{ update: <collection> }` in BSON: type of a text, name, length and the text. */
function updateOf(collection: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32LE(collection.length + 1);
  return Buffer.concat([Buffer.from('\u0002update\0'), length, Buffer.from(`${collection}\0`)]);
}
