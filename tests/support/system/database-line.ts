import { connect, createServer, type Socket } from 'node:net';
import { listenOn } from '../../../local/http/listen.ts';

/** Where a connection breaks, as seen from one command on it. */
export type Stage =
  | 'before the command'
  | 'within the command'
  | 'before the reply'
  | 'within the reply'
  | 'after the reply'
  | 'on connecting'
  | 'within the handshake'
  | 'after the handshake';

export interface Break {
  readonly stage: Stage;
  /** The command that it hits, from 0, counted from the call of `breakAt`. Not for the stages of a new connection. */
  readonly command?: number;
  /** By a FIN, by a RST, or by saying nothing more. */
  readonly by: 'FIN' | 'RST' | 'silence';
  /** Whether the other connections break too, as when the server ends. */
  readonly all?: boolean;
}

/** A line between functions and their database that can break and lose replies. */
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
  /** Breaks a connection once. Later connections work. Returns whether it has broken yet. */
  breakAt(point: Break): () => boolean;
  /** The number of commands so far, without those by which the driver watches the server. */
  commands(): number;
  /** Ends all connections and refuses new ones. */
  refuse(): Promise<void>;
  /** Accepts connections again. */
  accept(): Promise<void>;
  close(): Promise<void>;
}

/** One connection of a client, and its continuation to the database. */
interface Connection {
  readonly near: Socket;
  readonly far: Socket;
  /** Forwards nothing more, in either direction. */
  isSilent: boolean;
}

type Forward = (reply: Buffer) => void;

/** Opens a line to a database. The connection string must say `directConnection=true`. */
export async function openDatabaseLine(): Promise<DatabaseLine> {
  let target = 0;
  let loss: { readonly command: Buffer; lose(): void } | undefined;
  let pending: { readonly point: Break; before: number; broken: boolean } | undefined;
  let commands = 0;
  const connections = new Set<Connection>();

  function hit(connection: Connection): void {
    if (pending === undefined) return;
    const { by, all = false } = pending.point;
    pending.broken = true;
    pending = undefined;
    for (const each of all ? connections : [connection]) breakConnection(each, by);
  }

  /** Forwards a message of the client, unless the connection breaks there. Returns what to do with the reply. */
  function forward(connection: Connection, message: Buffer): Forward {
    const { near, far } = connection;
    const deliver: Forward = (reply) => void near.write(reply);
    const isWatching = WATCHING.has(commandOf(message));
    if (!isWatching) commands += 1;
    const stage = pending?.point.stage;
    const isHit = isWatching ? isOfHandshake(stage) : pending !== undefined && pending.before-- === 0;
    if (!isHit || stage === undefined) {
      far.write(message);
      return deliver;
    }
    switch (stage) {
      case 'within the command':
        far.write(message.subarray(0, message.length / 2));
        hit(connection);
        return deliver;
      case 'before the reply':
      case 'within the handshake':
        far.write(message);
        return () => hit(connection);
      case 'within the reply':
        far.write(message);
        return (reply) => {
          near.write(reply.subarray(0, reply.length / 2));
          hit(connection);
        };
      default:
        far.write(message);
        return (reply) => {
          near.write(reply);
          hit(connection);
        };
    }
  }

  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const connection: Connection = { near, far, isSilent: false };
    connections.add(connection);
    for (const [end, other] of [
      [near, far],
      [far, near],
    ] as const) {
      end.setNoDelay(true);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        connections.delete(connection);
        other.destroy();
      });
    }
    if (pending?.point.stage === 'on connecting') return hit(connection);

    // A connection runs one command at a time, so the next reply is to the last command.
    let onReply: Forward = (reply) => void near.write(reply);
    near.on(
      'data',
      messages((message) => {
        if (connection.isSilent) return;
        const lost = loss?.command !== undefined && message.includes(loss.command) ? loss : undefined;
        if (lost === undefined) onReply = forward(connection, message);
        else {
          loss = undefined;
          far.write(message);
          onReply = lost.lose;
        }
      }),
    );
    far.on(
      'data',
      messages((reply) => {
        if (!connection.isSilent) onReply(reply);
      }),
    );
  });
  const port = await listenOn(server, [0]);

  const cut = () => {
    for (const connection of connections) breakConnection(connection, 'RST');
  };
  const refuse = () =>
    new Promise<void>((closed) => {
      server.close(() => closed());
      cut();
    });
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
    breakAt(point) {
      const { stage, by, command = 0 } = point;
      const state = { point, before: command, broken: false };
      if (stage === 'before the command') {
        for (const connection of connections) breakConnection(connection, by);
        state.broken = true;
        return () => state.broken;
      }
      // Only a new connection has a handshake.
      if (stage === 'on connecting' || isOfHandshake(stage)) cut();
      pending = state;
      return () => state.broken;
    },
    commands: () => commands,
    refuse,
    async accept() {
      await listenOn(server, [port]);
    },
    close: () => (server.listening ? refuse() : Promise.resolve()),
  };
}

/** Commands by which the driver watches the server, and cleans up. */
const WATCHING: ReadonlySet<string> = new Set(['hello', 'ismaster', 'ping', 'endSessions', 'killCursors']);

function isOfHandshake(stage: Stage | undefined): boolean {
  return stage === 'within the handshake' || stage === 'after the handshake';
}

function breakConnection(connection: Connection, by: Break['by']): void {
  if (by === 'silence') {
    connection.isSilent = true;
    return;
  }
  connection.far.destroy();
  if (by === 'FIN') connection.near.end();
  else connection.near.resetAndDestroy();
}

/** Cuts a stream into the messages of MongoDB's wire protocol, each of which starts with its length. */
function messages(onMessage: (message: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const message = rest.subarray(0, rest.readInt32LE(0));
      rest = rest.subarray(message.length);
      onMessage(message);
    }
  };
}

const OP_MSG = 2013;

/** The name of the command in a message: the first field of its document. */
function commandOf(message: Buffer): string {
  // Before OP_MSG there is only the handshake.
  if (message.readInt32LE(12) !== OP_MSG) return 'hello';
  // A header of 16 bytes, flags of 4, the kind of section in 1, the document's length in 4, and the field's type in 1.
  const start = 26;
  return message.toString('latin1', start, message.indexOf(0, start));
}

/** The start of a command `{ update: <collection> }` in BSON: type of a text, name, length and the text. */
function updateOf(collection: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32LE(collection.length + 1);
  return Buffer.concat([Buffer.from('\u0002update\0'), length, Buffer.from(`${collection}\0`)]);
}
