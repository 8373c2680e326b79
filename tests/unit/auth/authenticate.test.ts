import { authenticate, presentedAccessToken } from '../../../shared/auth/authenticate.ts';
import { apiEvent } from '../../support/functions/api-event.ts';
import { buildToken, goodClaims, useAccessTokens } from '../../support/keys/access-tokens.ts';

useAccessTokens();

function signedIn(claims: Readonly<Record<string, unknown>>) {
  return apiEvent('GET /mine', { headers: { authorization: `bearer ${buildToken({ claims })}` } });
}

describe('authenticating a request', () => {
  it('returns the account and session of the token', async () => {
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
    ['a caller without roles', 'a learner', [], 'learner'],
  ] as const)('answers forbidden to %s where the route is for %s', async (_, __, roles, role) => {
    await expect(authenticate(signedIn({ roles }), role)).rejects.toMatchObject({ code: 'forbidden', status: 403 });
  });

  it('answers missing-token, not forbidden, without a token', async () => {
    await expect(authenticate(apiEvent('GET /mine'), 'admin')).rejects.toMatchObject({ code: 'missing-token' });
  });

  it('uses the given time', async () => {
    const later = new Date(Date.now() + 3_600_000);
    await expect(authenticate(signedIn({}), 'learner', later)).rejects.toMatchObject({ code: 'token-expired' });
  });

  it('returns all claims of a token, also from an authorizer event', async () => {
    const claims = goodClaims();
    const Authorization = `Bearer ${buildToken({ claims })}`;
    expect(await presentedAccessToken({ headers: { Authorization }, multiValueHeaders: null })).toEqual(claims);
  });

  it.each(['TOKEN_ISSUER', 'TOKEN_AUDIENCE'])(
    'fails with the name of the setting when %s is not set',
    async (variable) => {
      const request = signedIn({});
      const value = process.env[variable];
      delete process.env[variable];
      await expect(authenticate(request, 'learner')).rejects.toThrow(`${variable} is not set`);
      process.env[variable] = value;
    },
  );
});
