import { connect } from 'node:net';
import { useSystemOn } from '../support/system/system.ts';

const terminal: string[] = [];

const { system, send } = useSystemOn(
  // The system starts its own database, as on a developer's machine.
  () => ({ uri: () => undefined }),
  { log: (line) => void terminal.push(JSON.stringify(line)) },
);
const post = (route: string, body: unknown) => send('POST', route, { body });

/** Sends a request and disconnects as soon as the answer starts to arrive, as a phone in a tunnel does. */
function sendAndLoseReply(route: string, body: unknown): Promise<void> {
  const { hostname, port, pathname } = new URL(`${system().apiUrl}${route}`);
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

describe('the local system', () => {
  const credentials = () => ({
    email: system().sampleAccounts?.emails[0],
    password: system().sampleAccounts?.password,
  });

  it('keeps the sample learner signed in when the reply to a refresh is lost', async () => {
    const signedIn = await post('/auth/login', { ...credentials(), deviceName: 'Phone' });
    expect(signedIn).toMatchObject({
      status: 200,
      body: { user: { email: 'learner@example.com', roles: ['learner'] } },
    });

    const { refreshToken } = signedIn.body.tokens;
    await sendAndLoseReply('/auth/refresh', { refreshToken });
    const retried = await post('/auth/refresh', { refreshToken });
    expect(retried.status).toBe(200);
    const next = await post('/auth/refresh', { refreshToken: retried.body.tokens.refreshToken });
    expect(next.status).toBe(200);

    const sessions = await send('GET', '/auth/sessions', { accessToken: next.body.tokens.accessToken });
    expect(sessions.body).toMatchObject({ items: [{ deviceName: 'Phone', current: true }] });
  });

  it('counts passwords in code points in the built function too', async () => {
    const register = (email: string, password: string) => post('/auth/register', { email, password, name: 'Ada' });
    expect(await register('seven@example.com', '🦢'.repeat(7))).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/password' }] },
    });
    expect((await register('eight@example.com', '🦢'.repeat(8))).status).toBe(201);
  });

  it('serves the public keys, from the cache the second time', async () => {
    const keys = () => send('GET', '/.well-known/jwks.json');
    expect((await keys()).headers['x-cache']).toBe('miss');
    const again = await keys();
    expect(again.headers['x-cache']).toBe('hit');
    expect(again.body).toEqual({ keys: [expect.not.objectContaining({ d: expect.anything() })] });
  });

  it('prints no password and no token in the terminal', async () => {
    const { body } = await post('/auth/login', credentials());
    await post('/auth/login', { ...credentials(), password: 'another guess of eve' });
    const shown = terminal.join('\n');
    expect(shown).toContain('POST');
    for (const secret of [
      String(system().sampleAccounts?.password),
      body.tokens.refreshToken,
      'another guess',
      'learner@example.com',
    ]) {
      expect(shown).not.toContain(secret);
    }
  });
});
