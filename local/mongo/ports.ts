import { createServer } from 'node:net';

/**
 * Chooses a port that is free on every address, preferably this one.
 *
 * @throws Error if an address does not belong to this machine.
 */
export async function choosePort(addresses: readonly string[], preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(addresses, preferred))) return preferred;
  for (;;) {
    const port = await anyFreePort();
    if (await isFree(addresses, port)) return port;
  }
}

async function isFree(addresses: readonly string[], port: number): Promise<boolean> {
  for (const address of addresses) {
    if ((await tryPort(address, port)) === 'in use') return false;
  }
  return true;
}

async function anyFreePort(): Promise<number> {
  const port = await tryPort('127.0.0.1', 0);
  if (port === 'in use') throw new Error('no port is free on 127.0.0.1');
  return port;
}

function tryPort(address: string, port: number): Promise<number | 'in use'> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve('in use');
      else reject(new Error(`mongod cannot listen on ${address}: ${error.message}`));
    });
    server.listen({ host: address, port, exclusive: true }, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : port));
    });
  });
}
