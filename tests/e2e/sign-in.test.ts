import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type System, startSystem } from '../../local/system.ts';

const root = path.resolve(import.meta.dirname, '../..');

let folder: string;
let system: System;
const terminal: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-sign-in-'));
  system = await startSystem({
    root,
    dataDir: path.join(folder, 'data'),
    functionsDir: path.join(folder, 'functions'),
    port: 0,
    env: { ...process.env, MONGODB_URI: undefined },
    report: () => undefined,
    log: (line) => void terminal.push(JSON.stringify(line)),
  });
}, 60_000);

afterAll(async () => {
  await system.stop();
  await rm(folder, { recursive: true });
}, 60_000);

async function send(route: string, body: unknown) {
  const response = await fetch(`${system.apiUrl}${route}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its expectations what a body is.
  return { status: response.status, body: (await response.json()) as any };
}

/** Sends a request and disconnects as soon as the answer starts to arrive, as a phone in a tunnel does. */
function sendAndLoseReply(route: string, body: unknown): Promise<void> {
  const { hostname, port, pathname } = new URL(`${system.apiUrl}${route}`);
  const json = JSON.stringify(body);
  return new Promise((lost, failed) => {
    const socket = connect(Number(port), hostname, () => {
      const head = [`POST ${pathname} HTTP/1.1`, `Host: ${hostname}`, 'Content-Type: application/json'];
      socket.write([...head, `Content-Length: ${json.length}`, '', json].join('\r\n'));
    });
    socket.once('data', () => socket.destroy());
    socket.once('close', () => lost());
    socket.once('error', failed);
  });
}

describe('on this machine', () => {
  const credentials = () => ({ email: system.sampleAccounts?.emails[0], password: system.sampleAccounts?.password });

  it('the sample learner signs in and stays signed in, though a reply is lost', async () => {
    const signedIn = await send('/auth/login', { ...credentials(), deviceName: 'Phone' });
    expect(signedIn).toMatchObject({
      status: 200,
      body: { user: { email: 'learner@example.com', roles: ['learner'] } },
    });

    const { refreshToken } = signedIn.body.tokens;
    await sendAndLoseReply('/auth/refresh', { refreshToken });
    const retried = await send('/auth/refresh', { refreshToken });
    expect(retried.status).toBe(200);
    const next = await send('/auth/refresh', { refreshToken: retried.body.tokens.refreshToken });
    expect(next.status).toBe(200);

    const sessions = await fetch(`${system.apiUrl}/auth/sessions`, {
      headers: { Authorization: `Bearer ${next.body.tokens.accessToken}` },
    });
    expect(await sessions.json()).toMatchObject({ items: [{ deviceName: 'Phone', current: true }] });
  });

  it('passwords are counted in code points by the built function too', async () => {
    const register = (email: string, password: string) => send('/auth/register', { email, password, name: 'Ada' });
    expect(await register('seven@example.com', '🦢'.repeat(7))).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/password' }] },
    });
    expect((await register('eight@example.com', '🦢'.repeat(8))).status).toBe(201);
  });

  it('the public keys are served, from the cache the second time', async () => {
    const keys = () => fetch(`${system.apiUrl}/.well-known/jwks.json`);
    expect((await keys()).headers.get('x-cache')).toBe('miss');
    const again = await keys();
    expect(again.headers.get('x-cache')).toBe('hit');
    expect(await again.json()).toEqual({ keys: [expect.not.objectContaining({ d: expect.anything() })] });
  });

  it('the terminal shows no password and no token', async () => {
    const { body } = await send('/auth/login', credentials());
    await send('/auth/login', { ...credentials(), password: 'another guess of eve' });
    const shown = terminal.join('\n');
    expect(shown).toContain('POST');
    for (const secret of [
      String(system.sampleAccounts?.password),
      body.tokens.refreshToken,
      'another guess',
      'learner@example.com',
    ]) {
      expect(shown).not.toContain(secret);
    }
  });
});
