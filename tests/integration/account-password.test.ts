import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { useClock } from '../support/jest/clock.ts';
import { useLogs } from '../support/jest/logs.ts';

const NEW_PASSWORD = 'six geese a-laying';

const logs = useLogs();
useQuickPasswords();
const clock = useClock();
const auth = useAuth();
const { register, login, refresh, as, send, mailbox } = auth;

let count = 0;
/** Creates a new account for each test. */
async function newLearner() {
  const email = `learner-${++count}@example.com`;
  const { body } = await register({ email });
  return { email, id: String(body.user.id), tokens: body.tokens, accessToken: String(body.tokens.accessToken) };
}

const sessionsOf = (userId: string) => auth.database.db().collection('sessions').countDocuments({ userId });

describe('POST /auth/password', () => {
  const change = (accessToken: string, body: unknown) =>
    send('POST /auth/password', body, { headers: { Authorization: `Bearer ${accessToken}` } });
  const good = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };

  it('changes the password, ends every other session and keeps the current one', async () => {
    const { email, accessToken, tokens } = await newLearner();
    const other = (await login({ email })).body.tokens;

    expect(await change(accessToken, good)).toMatchObject({ status: 204, body: undefined });

    expect(await as(accessToken, 'GET /auth/me')).toMatchObject({ status: 200 });
    expect(await refresh(tokens.refreshToken)).toMatchObject({ status: 200 });
    expect(await as(other.accessToken, 'GET /auth/me')).toMatchObject({ status: 401 });
    expect(await refresh(other.refreshToken)).toMatchObject({ status: 401 });
    expect(await login({ email })).toMatchObject({ status: 401, body: { code: 'invalid-credentials' } });
    expect(await login({ email, password: NEW_PASSWORD })).toMatchObject({ status: 200 });
  });

  it('leaves no session behind from a concurrent sign-in with the old password', async () => {
    for (let time = 0; time < 20; time++) {
      const { email, id, accessToken } = await newLearner();
      await Promise.all([change(accessToken, good), login({ email }), login({ email })]);
      expect(await sessionsOf(id)).toBe(1);
    }
  });

  it('invalidates a reset that was requested earlier', async () => {
    const { email, accessToken } = await newLearner();
    await send('POST /auth/password/forgot', { email });
    const token = mailbox.lastToken(email);
    await change(accessToken, good);
    const reset = await send('POST /auth/password/reset', { token, newPassword: 'five golden rings' });
    expect(reset).toMatchObject({ status: 401, body: { code: 'invalid-token' } });
  });

  it('requires the current password', async () => {
    const { email, accessToken } = await newLearner();
    const other = (await login({ email })).body.tokens;
    expect(await change(accessToken, { ...good, currentPassword: NEW_PASSWORD })).toMatchObject({
      status: 401,
      headers: { 'WWW-Authenticate': 'Bearer' },
      body: { code: 'invalid-credentials' },
    });
    expect(await login({ email })).toMatchObject({ status: 200 });
    expect(await as(other.accessToken, 'GET /auth/me')).toMatchObject({ status: 200 });
  });

  it('limits guesses of the current password within one session, and not in others', async () => {
    const { email, accessToken } = await newLearner();
    for (let guess = 0; guess < 10; guess++) {
      expect(await change(accessToken, { ...good, currentPassword: `guess ${guess}` })).toMatchObject({ status: 401 });
    }
    expect(await change(accessToken, good)).toMatchObject({
      status: 429,
      headers: { 'Retry-After': '900' },
      body: { code: 'too-many-requests' },
    });
    const other = (await login({ email })).body.tokens;
    expect(await change(other.accessToken, good)).toMatchObject({ status: 204 });
  });

  it('applies only one of two concurrent changes', async () => {
    const { email, accessToken } = await newLearner();
    const answers = await Promise.all(
      ['five golden rings', 'four calling birds'].map((newPassword) => change(accessToken, { ...good, newPassword })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401]);
    const winner = answers[0]?.status === 204 ? 'five golden rings' : 'four calling birds';
    expect(await login({ email, password: winner })).toMatchObject({ status: 200 });
  });

  it.each([
    ['a common password', { ...good, newPassword: 'Password1' }, '/newPassword'],
    ['a password of 7 characters', { ...good, newPassword: 'seven-7' }, '/newPassword'],
    ['a password of 129 characters', { ...good, newPassword: 'é'.repeat(129) }, '/newPassword'],
    ['half of a surrogate pair', { ...good, newPassword: 'seven swans \ud83d' }, '/newPassword'],
    ['an operator', { ...good, newPassword: { $gt: '' } }, '/newPassword'],
    ['an operator as the current password', { ...good, currentPassword: { $ne: '' } }, '/currentPassword'],
    ['no current password', { newPassword: NEW_PASSWORD }, '/currentPassword'],
  ])('refuses %s', async (_, body, pointer) => {
    const { email, accessToken } = await newLearner();
    expect(await change(accessToken, body)).toMatchObject({
      status: 400,
      body: { code: 'invalid-request', errors: [{ in: 'body', pointer }] },
    });
    expect(await login({ email })).toMatchObject({ status: 200 });
  });

  it('accepts a password with a null byte, and compares all of it', async () => {
    const { email, accessToken } = await newLearner();
    expect(await change(accessToken, { ...good, newPassword: 'swans\0and more' })).toMatchObject({ status: 204 });
    expect(await login({ email, password: 'swans\0and less' })).toMatchObject({ status: 401 });
    expect(await login({ email, password: 'swans\0and more' })).toMatchObject({ status: 200 });
  });

  it('rejects a password of 10 MB by its size', async () => {
    const { accessToken } = await newLearner();
    const answer = await change(accessToken, { ...good, currentPassword: 'x'.repeat(10 * 1024 * 1024) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload-too-large' } });
  });
});

describe('POST /auth/password/forgot', () => {
  const forgot = (email: unknown, sourceIp = '203.0.113.7') =>
    send('POST /auth/password/forgot', { email }, { sourceIp });

  it('sends a link to the address of the account, whatever the case of the request', async () => {
    const { email } = await newLearner();
    expect(await forgot(email.toUpperCase())).toMatchObject({ status: 202, body: undefined });
    const mail = mailbox.mailsTo(email).at(-1);
    expect(mail).toMatchObject({ from: 'Lectern <no-reply@example.com>', subject: 'Choose a new password' });
    expect(mail?.text).toContain('https://app.example.com/reset-password#token=');
  });

  it('answers an unknown address with the same bytes, and sends nothing', async () => {
    const { email } = await newLearner();
    const known = await forgot(email);
    const unknown = await forgot('nobody@example.com');
    expect(JSON.stringify(unknown)).toBe(JSON.stringify(known));
    expect(mailbox.mailsTo('nobody@example.com')).toEqual([]);
  });

  it('gives the same answer when mail fails, and logs that without the address', async () => {
    const { email } = await newLearner();
    const known = await forgot(email);
    mailbox.refuse(true);
    const failed = await forgot(email).finally(() => mailbox.refuse(false));
    expect(JSON.stringify(failed)).toBe(JSON.stringify(known));
    expect(logs.lines()).toContainEqual(expect.objectContaining({ message: 'Mail not sent', kind: 'password reset' }));
    expect(logs.text()).not.toContain(email);
  });

  describe('with its fixed answer time', () => {
    beforeEach(() => {
      process.env['RESET_ANSWER_SECONDS'] = '2';
    });
    afterEach(() => {
      process.env['RESET_ANSWER_SECONDS'] = '0';
    });

    it.each([
      ['for an account', async () => (await newLearner()).email],
      ['for an unknown address', async () => 'nobody-yet@example.com'],
    ])('answers after exactly two seconds %s', async (_, address) => {
      const email = await address();
      let hasEnded = false;
      const waiting = jest.spyOn(globalThis, 'setTimeout');
      const answer = forgot(email).finally(() => {
        hasEnded = true;
      });
      const timer = await until(() => waiting.mock.calls.find(([, milliseconds]) => milliseconds === 2000));
      // Once the mail is sent, the answer waits only for the timer.
      if (email !== 'nobody-yet@example.com') await until(() => mailbox.mailsTo(email)[1]);
      await auth.database.db().command({ ping: 1 });
      expect(hasEnded).toBe(false);
      clearTimeout(waiting.mock.results[waiting.mock.calls.indexOf(timer)]?.value);
      timer[0]();
      expect(await answer).toMatchObject({ status: 202 });
    });
  });

  it('allows five requests per hour from one network, whether or not the account exists', async () => {
    const { email } = await newLearner();
    const answers = [];
    for (const address of [email, 'nobody-else@example.com']) {
      for (let time = 0; time < 5; time++) expect(await forgot(address)).toMatchObject({ status: 202 });
      answers.push(await forgot(address));
    }
    expect(answers[0]).toMatchObject({ status: 429, headers: { 'Retry-After': '3600' } });
    expect(JSON.stringify(answers[1])).toBe(JSON.stringify(answers[0]));
    clock.advance(3600);
    expect(await forgot(email)).toMatchObject({ status: 202 });
  });

  it('is limited for one network without affecting the learner on another', async () => {
    const { email } = await newLearner();
    for (let time = 0; time < 21; time++) await forgot(email, '198.51.100.1');
    expect(await forgot(email, '198.51.100.2')).toMatchObject({ status: 202 });
  });

  it('is limited for many networks together, except for a network that the account knows', async () => {
    const { email } = await newLearner();
    for (let network = 0; network < 20; network++) {
      expect(await forgot(email, `198.51.100.${network}`)).toMatchObject({ status: 202 });
    }
    expect(await forgot(email, '198.51.100.99')).toMatchObject({ status: 429 });
    // The network that registered the account.
    expect(await forgot(email, '127.0.0.1')).toMatchObject({ status: 202 });
  });

  it.each([
    [{ $gt: '' }],
    [['ada@example.com']],
    ['Ada <ada@example.com>'],
    ['ada@example.com\0'],
    ['ada@example.com\nBcc: eve@example.com'],
    ['a'.repeat(255)],
  ])('rejects the address %j', async (email) => {
    expect(await forgot(email)).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
  });
});

describe('POST /auth/password/reset', () => {
  const reset = (token: unknown, newPassword: unknown = NEW_PASSWORD) =>
    send('POST /auth/password/reset', { token, newPassword });
  const refused = {
    status: 401,
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
    body: { code: 'invalid-token', detail: 'The link is no longer valid. Ask for a new one.' },
  };

  async function forgetful() {
    const learner = await newLearner();
    await send('POST /auth/password/forgot', { email: learner.email });
    return { ...learner, token: mailbox.lastToken(learner.email) };
  }

  it('sets the new password and ends every session, by epoch and by deletion', async () => {
    const { email, id, token, tokens, accessToken } = await forgetful();
    const other = (await login({ email })).body.tokens;

    expect(await reset(token)).toMatchObject({ status: 204, body: undefined });

    for (const pair of [tokens, other]) {
      expect(await as(pair.accessToken, 'GET /auth/me')).toMatchObject({ status: 401 });
      expect(await refresh(pair.refreshToken)).toMatchObject({ status: 401 });
    }
    expect(await as(accessToken, 'GET /auth/sessions')).toMatchObject({ status: 401 });
    expect(await sessionsOf(id)).toBe(0);
    expect(await auth.database.db().collection('users').findOne({ emailKey: email })).toMatchObject({ tokenEpoch: 1 });
    expect(await login({ email })).toMatchObject({ status: 401 });
    const renewed = await login({ email, password: NEW_PASSWORD });
    // Receiving the mail proves the address.
    expect(renewed).toMatchObject({ status: 200, body: { user: { emailVerified: true } } });
  });

  it('works once', async () => {
    const { email, token } = await forgetful();
    expect(await reset(token)).toMatchObject({ status: 204 });
    expect(await reset(token, 'five golden rings')).toMatchObject(refused);
    expect(await login({ email, password: NEW_PASSWORD })).toMatchObject({ status: 200 });
  });

  it('works once when sent twice at the same time', async () => {
    const { token } = await forgetful();
    const answers = await Promise.all([reset(token), reset(token, 'five golden rings')]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401]);
  });

  it('works for an hour', async () => {
    const { email, token } = await forgetful();
    clock.advance(3600);
    expect(await reset(token)).toMatchObject(refused);
    expect(await login({ email })).toMatchObject({ status: 200 });
  });

  it('accepts only the token of the last mail', async () => {
    const { email, token } = await forgetful();
    await send('POST /auth/password/forgot', { email });
    expect(await reset(token)).toMatchObject(refused);
    expect(await reset(mailbox.lastToken(email))).toMatchObject({ status: 204 });
  });

  it('rejects a token of another account or another purpose', async () => {
    const [ada, eve] = [await forgetful(), await newLearner()];
    const [, secret] = ada.token.split('.');
    expect(await reset(`${eve.id}.${secret}`)).toMatchObject(refused);
    // The token of the verification mail.
    expect(await reset(mailbox.lastToken(eve.email))).toMatchObject(refused);
    expect(await send('POST /auth/email/verify', { token: ada.token })).toMatchObject({ status: 401 });
    for (const { email } of [ada, eve]) expect(await login({ email })).toMatchObject({ status: 200 });
  });

  it.each(['x', `${'0'.repeat(24)}.${'A'.repeat(43)}`, `${'0'.repeat(24)}.${'A'.repeat(42)}\0`])(
    'rejects the token %j',
    async (token) => expect(await reset(token)).toMatchObject(refused),
  );

  it.each([
    ['an operator as the token', { $gt: '' }, NEW_PASSWORD, '/token'],
    ['an operator for a password', 'x', { $gt: '' }, '/newPassword'],
    ['a common password', 'x', 'qwertyuiop', '/newPassword'],
    ['a short password', 'x', '1234567', '/newPassword'],
  ])('refuses %s', async (_, token, newPassword, pointer) => {
    expect(await reset(token, newPassword)).toMatchObject({ status: 400, body: { errors: [{ in: 'body', pointer }] } });
  });

  it('does not use up the token when the password is rejected', async () => {
    const { token } = await forgetful();
    expect(await reset(token, 'password')).toMatchObject({ status: 400 });
    expect(await reset(token)).toMatchObject({ status: 204 });
  });

  it('lets a learner sign in again after too many failures', async () => {
    const { email, token } = await forgetful();
    for (let guess = 0; guess < 10; guess++) await login({ email, password: 'was it this one?' });
    expect(await login({ email })).toMatchObject({ status: 429 });
    await reset(token);
    expect(await login({ email, password: NEW_PASSWORD })).toMatchObject({ status: 200 });
  });
});

/** Polls until the result is defined. */
async function until<T>(find: () => T | undefined): Promise<T> {
  for (;;) {
    const found = find();
    if (found !== undefined) return found;
    await new Promise((next) => setImmediate(next));
  }
}
