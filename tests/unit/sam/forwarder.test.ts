import { once } from 'node:events';
import { type AddressInfo, BlockList, connect, createServer, type Server } from 'node:net';
import { type Forwarder, startForwarder } from '../../../local/sam/container/forwarder.ts';

/** Echoes what it receives. */
let echo: Server;
let forwarder: Forwarder;

beforeAll(async () => {
  echo = createServer((socket) => socket.pipe(socket));
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
});
afterEach(() => forwarder.close());
afterAll(() => echo.close());

async function start(allowedAddress: string): Promise<void> {
  const allowed = new BlockList();
  allowed.addAddress(allowedAddress);
  const target = { host: '127.0.0.1', port: (echo.address() as AddressInfo).port };
  forwarder = await startForwarder({ host: '127.0.0.1', target, allowed });
}

describe('a forwarder', () => {
  it('forwards bytes in both directions', async () => {
    await start('127.0.0.1');
    const socket = connect(forwarder);
    socket.write('hello');
    const [said] = (await once(socket, 'data')) as [Buffer];
    expect(said.toString()).toBe('hello');
    socket.destroy();
  });

  it('closes connections from addresses that are not allowed', async () => {
    await start('127.0.0.9');
    const socket = connect(forwarder);
    const heard = jest.fn();
    socket.on('data', heard).on('error', () => undefined);
    socket.write('hello');
    await once(socket, 'close');
    expect(heard).not.toHaveBeenCalled();
  });

  it('ends its connections on close', async () => {
    await start('127.0.0.1');
    const socket = connect(forwarder);
    socket.write('hello');
    await once(socket, 'data');
    const ended = once(socket, 'close');
    await forwarder.close();
    await ended;
    expect(socket.destroyed).toBe(true);
  });
});
