import { MongoNetworkError } from 'mongodb';
import { Connection } from 'mongodb/lib/cmap/connection.js';
import { isSocketError } from './unavailable.ts';

/**
 * A connection of the driver that reports each broken connection as the driver's own `MongoNetworkError`. The driver then
 * does what it does for those: it clears the pool, and repeats a command or a transaction where that is safe.
 *
 * Without this, a write to a connection that has ended fails with Node's error (`EPIPE`, `ECONNRESET`), which the driver
 * does not repeat and on which `withTransaction` fails with a TypeError, and a write that waits until the connection closes
 * never ends and keeps its place in the pool (mongodb 7.9.0, `Connection.writeCommand`).
 */
export class ReportingConnection extends Connection {
  override command(...command: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // After the driver's own error, which is more precise, if there is one.
      const onClose = () => setImmediate(() => reject(new MongoNetworkError('The connection closed')));
      this.once('close', onClose);
      super
        .command(...command)
        .finally(() => this.off('close', onClose))
        .then(resolve, (error: unknown) => reject(isBroken(error) ? networkError(error) : error));
    });
  }
}

/** Also when the caller's own timeout ends a command: then the other connections are likely silent too. */
function isBroken(error: unknown): error is Error {
  return isSocketError(error) || (error instanceof DOMException && error.name === 'TimeoutError');
}

function networkError(cause: Error): MongoNetworkError {
  return new MongoNetworkError(cause.message, { cause });
}
