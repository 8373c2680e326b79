import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { useSystem } from '../support/system.ts';
import { privateKeyJwk, publicKeySet, signingKey } from '../support/tokens.ts';

const reported: string[] = [];
const { system, db, dataDir } = useSystem({
  secrets: {
    ACCESS_TOKEN_PRIVATE_KEY: privateKeyJwk(signingKey),
    ACCESS_TOKEN_PUBLIC_KEYS: publicKeySet(signingKey),
    REFRESH_KEY: 'a-refresh-key-for-tests-of-some-length',
    RATE_LIMIT_KEY: 'a-limits-key-for-tests-of-some-length',
  },
  report: (line) => reported.push(line),
});

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its expectations what a body is.
  readonly body: any;
}

async function send(method: string, route: string, body?: unknown, accessToken?: string): Promise<Answer> {
  const response = await fetch(`${system().apiUrl}${route}`, {
    method,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

/** The token of the last mail in the outbox, whose file names sort by time. */
async function lastMailedToken(): Promise<string> {
  const outbox = path.join(dataDir(), 'outbox');
  const file = (await readdir(outbox)).sort((a, b) => a.localeCompare(b)).at(-1) ?? '';
  return /#token=(\S+)/.exec(await readFile(path.join(outbox, file), 'utf8'))?.[1] ?? '';
}

describe('an account over HTTP', () => {
  it('is verified and recovered by mails in the outbox, changed, exported and deleted', async () => {
    const [email, password, newPassword] = ['ada@example.com', 'seven swans a-swimming', 'six geese a-laying'];
    expect(await send('POST', '/auth/register', { email, password, name: 'Ada' })).toMatchObject({ status: 201 });

    const token = await lastMailedToken();
    expect(reported.at(-1)).toContain(`https://app.example.com/verify-email#token=${token}`);
    expect(await send('POST', '/auth/email/verify', { token })).toMatchObject({ status: 204 });

    expect(await send('POST', '/auth/password/forgot', { email })).toEqual({ status: 202, body: null });
    const reset = { token: await lastMailedToken(), newPassword };
    expect(await send('POST', '/auth/password/reset', reset)).toMatchObject({ status: 204 });

    const signedIn = await send('POST', '/auth/login', { email, password: newPassword });
    expect(signedIn).toMatchObject({ status: 200, body: { user: { emailVerified: true } } });
    const { accessToken } = signedIn.body.tokens;
    const change = { name: 'Ada Lovelace' };
    expect(await send('PATCH', '/auth/me', change, accessToken)).toMatchObject({ status: 200, body: change });
    const data = await send('GET', '/auth/me/export', undefined, accessToken);
    expect(data.body.collections.users).toMatchObject([{ email, name: 'Ada Lovelace' }]);

    // DELETE has a body here.
    expect(await send('DELETE', '/auth/me', { password }, accessToken)).toMatchObject({ status: 401 });
    expect(await send('DELETE', '/auth/me', { password: newPassword }, accessToken)).toMatchObject({ status: 204 });
    expect(await send('POST', '/auth/login', { email, password: newPassword })).toMatchObject({ status: 401 });
    expect(await db().collection('users').countDocuments({ email })).toBe(0);
  });
});
