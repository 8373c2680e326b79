import { ensureSampleAccounts, SAMPLE_ACCOUNTS } from '../../local/sample/accounts.ts';
import { useAuth, useQuickPasswords } from '../support/functions/auth.ts';

useQuickPasswords();
const { login, as, database } = useAuth();

describe('the sample accounts', () => {
  it('can sign in, each with its roles', async () => {
    await ensureSampleAccounts(database.db(), 'what the terminal says');
    const roles = await Promise.all(
      SAMPLE_ACCOUNTS.map(async ({ email }) => {
        const { status, body } = await login({ email, password: 'what the terminal says' });
        expect(status).toBe(200);
        return [email, body.user.roles];
      }),
    );
    expect(roles).toEqual([
      ['learner@example.com', ['learner']],
      ['author@example.com', ['learner', 'author']],
      ['admin@example.com', ['learner', 'author', 'admin']],
    ]);
  });

  it('keep their sessions after a restart, and get the new password from the terminal', async () => {
    const [{ email }] = SAMPLE_ACCOUNTS as readonly [(typeof SAMPLE_ACCOUNTS)[number]];
    const { body } = await login({ email, password: 'what the terminal says' });
    await ensureSampleAccounts(database.db(), 'what it says later');
    expect((await as(body.tokens.accessToken, 'GET /auth/sessions')).status).toBe(200);
    expect((await login({ email, password: 'what it says later' })).status).toBe(200);
    expect(await database.db().collection('users').countDocuments()).toBe(3);
  });
});
