import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type FixtureGateway, startFixtureGateway } from '../support/fixtures/gateway/fixture-gateway.ts';

const MEBIBYTE = 1024 * 1024;

describe('the gateway server', () => {
  let api: FixtureGateway;
  beforeAll(async () => {
    api = await startFixtureGateway();
  });
  afterAll(() => api.gateway.close());

  it('reports its base URL', async () => {
    expect(api.gateway.url).toBe(`http://127.0.0.1:${api.gateway.port}/v1`);
    expect((await fetch(`${api.gateway.url}/echo`)).status).toBe(200);
  });

  it.each(['NONSENSE\r\n\r\n', 'GET /v1/echo HTTP/1.1\r\nBad Header\r\n\r\n', 'GET /v1/echo HTTP/1.1\r\n\r\n'])(
    'answers 400 to the malformed request %j and keeps running',
    async (malformed) => {
      const socket = connect(api.gateway.port, '127.0.0.1');
      socket.end(malformed);
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
      expect((await api.send('GET /v1/echo')).status).toBe(200);
    },
  );

  it('keeps running if a client disconnects while sending its body', async () => {
    const outgoing = request({
      port: api.gateway.port,
      path: '/v1/echo',
      method: 'POST',
      headers: { 'Content-Length': 10 },
    });
    outgoing.on('error', () => undefined);
    outgoing.write('half');
    outgoing.once('socket', (socket) => socket.once('connect', () => setImmediate(() => socket.destroy())));
    await api.logged((entry) => entry.kind === 'access' && entry.gatewayError?.includes('went away') === true);
    expect((await api.send('GET /v1/echo')).status).toBe(200);
  });

  it('serves consecutive requests on one connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const isReused: boolean[] = [];
    for (let round = 0; round < 2; round += 1) {
      const outgoing = request({ agent, port: api.gateway.port, path: '/v1/echo' }).end();
      const [incoming] = await once(outgoing, 'response');
      await text(incoming);
      isReused.push(outgoing.reusedSocket);
    }
    agent.destroy();
    expect(isReused).toEqual([false, true]);
  });

  it('refuses a body of more than 10 MB by its Content-Length, before it arrives', async () => {
    const outgoing = request({
      port: api.gateway.port,
      path: '/v1/echo',
      method: 'POST',
      headers: { 'Content-Length': 10 * MEBIBYTE + 1 },
      agent: false,
    });
    outgoing.on('error', () => undefined);
    outgoing.flushHeaders();
    const [incoming] = await once(outgoing, 'response');
    expect([incoming.statusCode, await text(incoming)]).toEqual([413, '{"message":"Request Too Long"}']);
    outgoing.destroy();
  });

  it('refuses a body of more than 10 MB without a Content-Length', async () => {
    const { status } = await api.send('POST /v1/echo', {
      headers: { 'Transfer-Encoding': 'chunked' },
      body: Buffer.alloc(10 * MEBIBYTE + 1, 'x'),
    });
    expect(status).toBe(413);
  });

  it('refuses an event that is too large for Lambda', async () => {
    expect((await api.send('POST /v1/echo', { body: 'x'.repeat(7 * MEBIBYTE) })).status).toBe(413);
  });

  it('logs each request without its query', async () => {
    const { headers } = await api.send('GET /v1/cached/log?q=1');
    expect(api.entries.at(-1)).toEqual({
      kind: 'access',
      method: 'GET',
      path: '/v1/cached/log',
      status: 200,
      durationMilliseconds: expect.any(Number),
      cache: 'miss',
      authorizer: null,
      requestId: headers['x-amzn-requestid'],
      gatewayError: null,
    });
  });

  it('does not log tokens in paths', async () => {
    await api.send('GET /v1/feeds/very-secret');
    expect(api.entries.at(-1)).toMatchObject({ path: '/v1/feeds/{feedToken}', status: 200 });
    expect(JSON.stringify(api.entries)).not.toContain('very-secret');
  });

  it('logs the output of a function, from its logger or not', async () => {
    const { headers } = await api.send('GET /v1/output');
    const isOutput = (message: string) => api.logged((entry) => entry.kind === 'function' && entry.message === message);
    expect(await isOutput('Low on tea')).toEqual({
      kind: 'function',
      function: 'output',
      level: 'WARN',
      message: 'Low on tea',
      requestId: headers['x-amzn-requestid'],
      details: { cups: 2 },
    });
    expect(await isOutput('plain words')).toMatchObject({ function: 'output', level: 'INFO', requestId: null });
    expect(await isOutput('{ not json')).toMatchObject({ function: 'output' });
  });
});

describe('starting and stopping the gateway', () => {
  it('fails with the port if it is in use', async () => {
    const { gateway } = await startFixtureGateway();
    await expect(startFixtureGateway({ port: gateway.port })).rejects.toThrow(
      `Port ${gateway.port} is in use on 127.0.0.1`,
    );
    await gateway.close();
  });

  it('ends connections and functions at once, and can be closed twice', async () => {
    const { gateway, send, logged } = await startFixtureGateway();
    const waiting = send('POST /v1/faults/never');
    const isCutOff = expect(waiting).rejects.toThrow();
    await logged((entry) => entry.kind === 'function' && entry.message === 'waiting for ever');
    await Promise.all([gateway.close(), gateway.close()]);
    await isCutOff;
    await expect(fetch(gateway.url)).rejects.toThrow();
  });
});
