import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { useSystem } from '../support/system/system.ts';

const reported: string[] = [];
const { send, database, dataDir } = useSystem({ report: (line) => reported.push(line) });

/** The token of the last mail in the outbox, whose file names sort by time. */
async function lastMailedToken(): Promise<string> {
  const outbox = path.join(dataDir(), 'outbox');
  const file = (await readdir(outbox)).sort((a, b) => a.localeCompare(b)).at(-1) ?? '';
  return /#token=(\S+)/.exec(await readFile(path.join(outbox, file), 'utf8'))?.[1] ?? '';
}

describe('an account', () => {
  it('can be verified, recovered by mail, changed, exported and deleted', async () => {
    const [email, password, newPassword] = ['ada@example.com', 'seven swans a-swimming', 'six geese a-laying'];
    expect(await send('POST', '/auth/register', { body: { email, password, name: 'Ada' } })).toMatchObject({
      status: 201,
    });

    const token = await lastMailedToken();
    expect(reported.at(-1)).toContain(`https://app.example.com/verify-email#token=${token}`);
    expect(await send('POST', '/auth/email/verify', { body: { token } })).toMatchObject({ status: 204 });

    expect(await send('POST', '/auth/password/forgot', { body: { email } })).toMatchObject({ status: 202, body: null });
    const reset = { token: await lastMailedToken(), newPassword };
    expect(await send('POST', '/auth/password/reset', { body: reset })).toMatchObject({ status: 204 });

    const signedIn = await send('POST', '/auth/login', { body: { email, password: newPassword } });
    expect(signedIn).toMatchObject({ status: 200, body: { user: { emailVerified: true } } });
    const { accessToken } = signedIn.body.tokens;
    const change = { name: 'Ada Lovelace' };
    expect(await send('PATCH', '/auth/me', { body: change, accessToken })).toMatchObject({ status: 200, body: change });
    const data = await send('GET', '/auth/me/export', { accessToken });
    expect(data.body.collections.users).toMatchObject([{ email, name: 'Ada Lovelace' }]);

    // DELETE has a body here.
    expect(await send('DELETE', '/auth/me', { body: { password }, accessToken })).toMatchObject({ status: 401 });
    expect(await send('DELETE', '/auth/me', { body: { password: newPassword }, accessToken })).toMatchObject({
      status: 204,
    });
    expect(await send('POST', '/auth/login', { body: { email, password: newPassword } })).toMatchObject({
      status: 401,
    });
    expect(await database.db().collection('users').countDocuments({ email })).toBe(0);
  });
});
