import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { listenOn, reservePort } from '../../../local/http/listen.ts';

describe('a reserved port', () => {
  it('can be released while a client is connected', async () => {
    const { port, release } = await reservePort([0]);
    const early = connect(port, '127.0.0.1');
    early.on('error', () => undefined);
    await once(early, 'connect');
    await release();

    const server = createServer();
    expect(await listenOn(server, [port])).toBe(port);
    server.close();
    early.destroy();
  });

  it('cannot be bound by others until its release', async () => {
    const { port, release } = await reservePort([0]);
    await expect(listenOn(createServer(), [port])).rejects.toThrow(`Port ${port} is in use`);
    await release();
  });
});
