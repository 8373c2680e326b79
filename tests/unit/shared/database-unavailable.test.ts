import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import {
  MongoBulkWriteError,
  MongoErrorLabel,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoParseError,
  MongoServerError,
  MongoTransactionError,
  MongoWriteConcernError,
} from 'mongodb';
import { patienceMs } from '../../../shared/db/patience.ts';
import { isDatabaseUnavailable } from '../../../shared/db/unavailable.ts';

const server = (code: number, labels: readonly string[] = []) =>
  new MongoServerError({ message: 'a reply', code, errorLabels: [...labels] });
const network = () => new MongoNetworkError('read ECONNRESET');

/** Node's own error of a socket, to a server that treats it in a certain way. */
async function socketError(
  treat: (socket: net.Socket) => void,
  use: (port: number) => Promise<unknown>,
): Promise<unknown> {
  const listener = net.createServer((socket) => {
    socket.on('error', () => socket.destroy()).resume();
    treat(socket);
  });
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening));
  try {
    return await use((listener.address() as AddressInfo).port);
  } finally {
    await new Promise((closed) => listener.close(closed));
  }
}

function errorOf(socket: net.Socket, onEnd: () => void = () => undefined): Promise<unknown> {
  socket.resume();
  socket.once('end', onEnd);
  return new Promise((resolve) => socket.once('error', resolve));
}

describe('the database is unavailable', () => {
  it.each<[string, () => Promise<unknown>]>([
    [
      'refuses a connection',
      async () => {
        const port = await socketError(
          () => undefined,
          async (free) => free,
        );
        return errorOf(net.connect(Number(port), '127.0.0.1'));
      },
    ],
    [
      'resets it',
      () =>
        socketError(
          (socket) => socket.resetAndDestroy(),
          (port) => errorOf(net.connect(port, '127.0.0.1')),
        ),
    ],
    [
      'ends it before a write',
      () =>
        socketError(
          (socket) => socket.end(),
          (port) => {
            const socket = net.connect(port, '127.0.0.1');
            return errorOf(socket, () => socket.end().write('a command'));
          },
        ),
    ],
    [
      'ends it before TLS is ready',
      () =>
        socketError(
          (socket) => socket.end(),
          (port) => errorOf(tls.connect(port, '127.0.0.1')),
        ),
    ],
    ['has no address', () => errorOf(net.connect(27017, 'database.invalid'))],
  ])('when it %s', async (_, fail) => {
    expect(isDatabaseUnavailable(await fail())).toBe(true);
  });

  it.each([
    ['interrupts all connections when its monitor times out', poolClearedByMonitor()],
    ['ends the connection of a bulk write', new MongoBulkWriteError(network(), {} as never)],
    ['cannot confirm a bulk write', new MongoBulkWriteError({ message: 'shutting down', code: 91 }, {} as never)],
    [
      'cannot confirm a write',
      new MongoWriteConcernError({ ok: 1, writeConcernError: { code: 11602, errmsg: 'interrupted' } }),
    ],
    ['restarts between two batches', server(43)],
    ['has no replica set configuration yet', server(94)],
    ['restarts during a transaction', server(251, [MongoErrorLabel.TransientTransactionError])],
    ['says that a write may be repeated', server(99_999, [MongoErrorLabel.RetryableWriteError])],
  ])('when it %s', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  it.each([
    ['a duplicate key', server(11_000)],
    ['a duplicate key in a bulk write', new MongoBulkWriteError({ message: 'E11000', code: 11_000 }, {} as never)],
    ['an unknown command', server(59)],
    ['a failed authentication', server(18)],
    ['a missing permission', server(13)],
    ['an invalid connection string', new MongoParseError('Invalid scheme')],
    ['an invalid argument', new MongoInvalidArgumentError('no')],
    ['a misused transaction', new MongoTransactionError('Transaction already in progress')],
    ['a fault in the code', new TypeError('undefined is not a function')],
    ['a missing file', Object.assign(new Error('open'), { code: 'ENOENT', syscall: 'open' })],
    ['nothing', undefined],
  ])('but not because of %s', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});

/** The driver does not export it. Its name does not start like those of the others. */
function poolClearedByMonitor(): Error {
  const { PoolClearedOnNetworkError } = jest.requireActual<{
    readonly PoolClearedOnNetworkError: new (pool: object) => Error;
  }>('mongodb/lib/cmap/errors');
  return new PoolClearedOnNetworkError({ address: '127.0.0.1:27017', serverError: undefined });
}

describe('a query waits for the database', () => {
  it.each([
    ['for the whole deadline when it is not known to be away', 0, 3000],
    ['for what is left of the deadline at the beginning of an outage', 1200, 1800],
    ['for a second in a longer outage', 2500, 1000],
    ['for a second in a very long outage', 3_600_000, 1000],
  ])('%s', (_, awayMs, expected) => {
    expect(patienceMs(awayMs, 3000)).toBe(expected);
  });
});
