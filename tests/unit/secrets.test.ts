import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stand-in for Parameter Store, the one thing here that is AWS's: counts its calls and can be made to fail. */
let store: Server;
let calls: { readonly names: readonly string[]; readonly decrypt: boolean }[];
let failing: boolean;

const VALUES: Readonly<Record<string, string>> = { '/lectern/a': 'value a', '/lectern/b': 'value b' };

beforeAll(async () => {
  store = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { Names, WithDecryption } = JSON.parse(Buffer.concat(chunks).toString()) as {
      readonly Names: readonly string[];
      readonly WithDecryption: boolean;
    };
    calls.push({ names: Names, decrypt: WithDecryption });
    response.writeHead(failing ? 400 : 200, { 'Content-Type': 'application/x-amz-json-1.1' });
    response.end(
      failing
        ? JSON.stringify({ __type: 'AccessDeniedException', message: 'denied' })
        : JSON.stringify({ Parameters: Names.map((Name) => ({ Name, Value: VALUES[Name] })), InvalidParameters: [] }),
    );
  });
  await new Promise<void>((done) => store.listen(0, '127.0.0.1', done));
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${(store.address() as AddressInfo).port}`,
    A_PARAMETER: '/lectern/a',
    B_PARAMETER: '/lectern/b',
  });
});
afterAll(() => {
  store.closeAllConnections();
  store.close();
});

/** A container that has just started: nothing is cached. */
let secret: (name: string) => Promise<string>;
beforeEach(async () => {
  calls = [];
  failing = false;
  delete process.env['A'];
  jest.resetModules();
  ({ secret } = await import('../../shared/secrets.ts'));
});

describe('the secrets of a function', () => {
  it('are read from Parameter Store in one call, decrypted, and kept', async () => {
    expect(await Promise.all([secret('A'), secret('B'), secret('A')])).toEqual(['value a', 'value b', 'value a']);
    expect(await secret('B')).toBe('value b');
    expect(calls).toEqual([{ names: ['/lectern/a', '/lectern/b'], decrypt: true }]);
  });

  it('may be plain variables on a developer’s machine, and then nothing is called', async () => {
    process.env['A'] = 'plain';
    expect(await secret('A')).toBe('plain');
    expect(calls).toEqual([]);
  });

  it('are unavailable, not lost, when Parameter Store fails: the next request asks again', async () => {
    failing = true;
    await expect(secret('A')).rejects.toMatchObject({ code: 'unavailable' });
    failing = false;
    expect(await secret('A')).toBe('value a');
  });

  it('are named when they are not configured', async () => {
    await expect(secret('C')).rejects.toThrow('C_PARAMETER is not set');
  });
});
