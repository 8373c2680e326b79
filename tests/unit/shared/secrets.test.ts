import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useClock } from '../../support/clock.ts';

const clock = useClock();

/** A stand-in for Parameter Store, the one thing here that is AWS's: counts its calls and can be made to fail. */
let store: Server;
let calls: { readonly names: readonly string[]; readonly decrypt: boolean }[];
let failing: boolean;

let values: Readonly<Record<string, string>>;

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
        : JSON.stringify({ Parameters: Names.map((Name) => ({ Name, Value: values[Name] })), InvalidParameters: [] }),
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
let freshSecret: typeof secret;
let recentSecret: typeof secret;
beforeEach(async () => {
  calls = [];
  values = { '/lectern/a': 'value a', '/lectern/b': 'value b' };
  failing = false;
  delete process.env['A'];
  jest.resetModules();
  ({ secret, freshSecret, recentSecret } = await import('../../../shared/secrets.ts'));
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

describe('a fresh secret', () => {
  const both = { names: ['/lectern/a', '/lectern/b'], decrypt: true };

  it('is as it is now, and brings all others up to date in the same call', async () => {
    expect(await secret('A')).toBe('value a');
    values = { '/lectern/a': 'new a', '/lectern/b': 'new b' };
    expect(await freshSecret('A')).toBe('new a');
    expect(await Promise.all([secret('A'), secret('B')])).toEqual(['new a', 'new b']);
    expect(calls).toEqual([both, both]);
  });

  it('is read anew each time: how often that is worth it, its caller knows', async () => {
    await freshSecret('A');
    await freshSecret('A');
    expect(calls).toEqual([both, both]);
  });

  it('is unavailable when Parameter Store fails, and what was known before stays known', async () => {
    expect(await secret('A')).toBe('value a');
    failing = true;
    await expect(freshSecret('A')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await secret('B')).toBe('value b');
  });

  it('may be a plain variable too, and then nothing is called', async () => {
    process.env['A'] = 'plain';
    expect(await freshSecret('A')).toBe('plain');
    expect(calls).toEqual([]);
  });

  it('is named when it is not configured', async () => {
    await expect(freshSecret('C')).rejects.toThrow('C_PARAMETER is not set');
  });
});

describe('a recent secret', () => {
  it('is read with all others in one call when the container starts', async () => {
    expect(await Promise.all([secret('A'), recentSecret('B')])).toEqual(['value a', 'value b']);
    clock.advance(4);
    expect(await recentSecret('A')).toBe('value a');
    expect(calls).toHaveLength(1);
  });

  it('is as it is now in a container that has read its secrets long before', async () => {
    await secret('A');
    values = { '/lectern/a': 'new a', '/lectern/b': 'new b' };
    clock.advance(3600);
    expect(await recentSecret('B')).toBe('new b');
    expect(await secret('A')).toBe('new a');
  });

  it('is what was known where Parameter Store fails, and unavailable where nothing was', async () => {
    failing = true;
    await expect(recentSecret('A')).rejects.toMatchObject({ code: 'unavailable' });
    failing = false;
    await secret('A');
    failing = true;
    clock.advance(3600);
    expect(await recentSecret('B')).toBe('value b');
  });
});
