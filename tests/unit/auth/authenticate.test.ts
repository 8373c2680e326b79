import { authenticate, presentedAccessToken } from '../../../shared/auth/authenticate.ts';
import { apiEvent } from '../../support/api-event.ts';
import { buildToken, goodClaims, useAccessTokens } from '../../support/tokens.ts';

useAccessTokens();

function signedIn(claims: Readonly<Record<string, unknown>>) {
  return apiEvent('GET /mine', { headers: { authorization: `bearer ${buildToken({ claims })}` } });
}

describe('the principal of a request', () => {
  it('is the account and session of its token', async () => {
    const request = signedIn({ sub: 'ada', sid: 's1', roles: ['learner', 'author'] });
    const principal = { userId: 'ada', sessionId: 's1', roles: ['learner', 'author'], epoch: goodClaims().ep };
    expect(await authenticate(request, 'learner')).toEqual(principal);
    expect(await authenticate(request, 'author')).toEqual(principal);
  });

  it.each([
    ['a learner', 'an author', ['learner'], 'author'],
    ['a learner', 'an admin', ['learner'], 'admin'],
    ['an author', 'an admin', ['learner', 'author'], 'admin'],
    ['an admin', 'an author', ['learner', 'admin'], 'author'],
    ['nobody in particular', 'a learner', [], 'learner'],
  ] as const)('is forbidden, not unknown, where %s asks for what is for %s', async (_, __, roles, role) => {
    await expect(authenticate(signedIn({ roles }), role)).rejects.toMatchObject({ code: 'forbidden', status: 403 });
  });

  it('is asked for before its role: without a token nobody is forbidden anything', async () => {
    await expect(authenticate(apiEvent('GET /mine'), 'admin')).rejects.toMatchObject({ code: 'missing-token' });
  });

  it('is known by the clock it is given', async () => {
    const later = new Date(Date.now() + 3_600_000);
    await expect(authenticate(signedIn({}), 'learner', later)).rejects.toMatchObject({ code: 'token-expired' });
  });

  it('has a token whose claims can be had whole, from an authorizer’s event too', async () => {
    const claims = goodClaims();
    const Authorization = `Bearer ${buildToken({ claims })}`;
    expect(await presentedAccessToken({ headers: { Authorization }, multiValueHeaders: null })).toEqual(claims);
  });

  it.each(['TOKEN_ISSUER', 'TOKEN_AUDIENCE'])(
    'is nobody while %s is not set: that is a fault of ours and named',
    async (variable) => {
      const request = signedIn({});
      const value = process.env[variable];
      delete process.env[variable];
      await expect(authenticate(request, 'learner')).rejects.toThrow(`${variable} is not set`);
      process.env[variable] = value;
    },
  );
});
