import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FixtureGateway,
  fixtureFunctions,
  startFixtureGateway,
} from '../support/fixtures/gateway/fixture-gateway.ts';
import { startGate } from '../support/fixtures/gateway/gate.ts';

describe('a failing function', () => {
  let api: FixtureGateway;
  beforeAll(async () => {
    api = await startFixtureGateway();
  });
  afterAll(() => api.gateway.close());

  it.each([
    ['throws', 'throws'],
    ['rejects', 'rejects'],
    ['rejects with something other than an error', 'rejects-with-text'],
    ['ends its process', 'exits'],
    ['never answers', 'never'],
    ['loops forever', 'loops'],
    ['returns what JSON cannot represent', 'circular'],
    ['returns more than 6 MB', 'oversize'],
  ])('gets a gateway response if it %s, and works again afterwards', async (_, kind) => {
    expect((await api.send(`POST /v1/faults/${kind}`)).status).toBe(503);
    expect((await api.send('POST /v1/faults/nothing')).body).toBe('fine');
  });

  it('has its stack in the log, but not in the answer', async () => {
    const { headers, body } = await api.send('POST /v1/faults/throws');
    expect(body).not.toContain('thrown');
    expect(api.entries).toContainEqual(
      expect.objectContaining({
        kind: 'function',
        function: 'faults',
        level: 'ERROR',
        requestId: headers['x-amzn-requestid'],
        message: 'TypeError: thrown at once',
        details: { error: expect.objectContaining({ stack: expect.stringContaining('functions/faults/index.mjs') }) },
      }),
    );
  });

  it('restarts after a crash between invocations', async () => {
    const gate = await startGate();
    const { gateway, send, logged } = await startFixtureGateway({ environment: { faults: { GATE_URL: gate.url } } });
    expect((await send('POST /v1/faults/crashes-later')).body).toBe('fine so far');
    gate.open();
    await logged((entry) => entry.kind === 'function' && entry.message === 'Error: crashed later');
    expect((await send('POST /v1/faults/nothing')).body).toBe('fine');
    await gateway.close();
    gate.close();
  });

  it('fails all invocations in progress', async () => {
    const own = await startFixtureGateway();
    const waiting = own.send('POST /v1/faults/never');
    await own.logged((entry) => entry.kind === 'function' && entry.message === 'waiting for ever');
    await own.send('POST /v1/faults/exits');
    expect((await waiting).status).toBe(503);
    const reasons = own.entries.flatMap((entry) => (entry.kind === 'access' ? [entry.gatewayError] : []));
    expect(reasons).toEqual([
      'INTEGRATION_FAILURE: Runtime.ExitError: The function exited with code 3',
      'INTEGRATION_FAILURE: Runtime.ExitError: The function exited with code 3',
    ]);
    await own.gateway.close();
  });

  it('gets a gateway response if it exceeds the integration timeout', async () => {
    const { status } = await api.send('GET /v1/slow');
    expect(status).toBe(503);
    expect(api.entries.at(-1)).toMatchObject({ gatewayError: 'INTEGRATION_TIMEOUT: the function took too long' });
  });

  it('gets a gateway response if it cannot be imported or was never built', async () => {
    expect((await api.send('GET /v1/broken')).status).toBe(503);
    expect(api.entries.at(-1)).toMatchObject({ gatewayError: 'INTEGRATION_FAILURE: Error: broken at import' });
    expect((await api.send('GET /v1/unbuilt')).status).toBe(503);
    expect(api.entries.at(-1)).toMatchObject({ gatewayError: expect.stringContaining('unbuilt/index.mjs') });
  });
});

describe('the environment of a function', () => {
  it('has its own variables and the Lambda context', async () => {
    process.env['SECRET_OF_THE_HOST'] = 'hidden';
    const { gateway, send } = await startFixtureGateway({
      environment: { '*': { GREETING: 'moin', EXTRA: 'all' }, surroundings: { EXTRA: 'own' }, echo: { ECHO: '1' } },
    });
    const { headers, body } = await send('GET /v1/surroundings');
    await gateway.close();
    const { env, context, remaining, argv } = JSON.parse(body);

    expect(env).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: 'surroundings',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_REGION: 'eu-west-1',
      TZ: ':UTC',
      SHARED: 'from globals',
      OWN: 'plain-60',
      GREETING: 'moin',
      EXTRA: 'own',
    });
    expect(Object.keys(env)).not.toEqual(expect.arrayContaining(['SECRET_OF_THE_HOST']));
    expect(env).not.toHaveProperty('ECHO');
    expect(context).toMatchObject({
      awsRequestId: headers['x-amzn-requestid'],
      functionName: 'surroundings',
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
    });
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(7000);
    expect(argv).toEqual([]);
  });
});

describe('reloading a function', () => {
  const functionsDir = mkdtempSync(join(tmpdir(), 'lectern-functions-'));
  beforeAll(() => cpSync(fixtureFunctions, functionsDir, { recursive: true }));
  afterAll(() => rmSync(functionsDir, { recursive: true }));

  it('serves new requests from the new bundle while the old one finishes', async () => {
    const gate = await startGate();
    const { gateway, send } = await startFixtureGateway({
      functionsDir,
      environment: { gated: { GATE_URL: gate.url } },
    });
    const old = send('GET /v1/gated');
    await gate.reached;

    const bundle = join(functionsDir, 'gated/index.mjs');
    writeFileSync(bundle, readFileSync(bundle, 'utf8').replace('version 1', 'version 2'));
    gateway.reload('gated');
    expect((await send('GET /v1/gated')).body).toBe('version 2');

    gate.open();
    expect((await old).body).toBe('version 1');
    await gateway.close();
    gate.close();
  });

  it('fails for a function that is not in the template', async () => {
    const { gateway } = await startFixtureGateway();
    expect(() => gateway.reload('ghost')).toThrow('There is no function ghost in the template');
    await gateway.close();
  });
});
