import { authenticate } from '../../../shared/auth/authenticate.ts';
import { defineContract } from '../../../shared/http/contract.ts';
import { createHandler } from '../../../shared/http/handler.ts';
import { apiEvent } from '../../support/functions/api-event.ts';
import { useLogs } from '../../support/jest/logs.ts';
import { buildToken, craftToken, goodClaims, malleated, useAccessTokens } from '../../support/keys/access-tokens.ts';
import { FORGERIES, otherKey } from '../../support/keys/forged-tokens.ts';

useAccessTokens(otherKey);
const logs = useLogs();

const contract = defineContract({
  'GET /mine': {
    operationId: 'test',
    summary: 'A route to attack',
    auth: 'learner',
    responses: { 200: { type: 'object' } },
    problems: [],
  },
});
let served = 0;
const handler = createHandler(
  contract,
  {
    'GET /mine': ({ principal }) => {
      served += 1;
      return { ...principal };
    },
  },
  { authenticate },
);

const call = (token: string) => handler(apiEvent('GET /mine', { headers: { Authorization: `Bearer ${token}` } }));

beforeEach(() => {
  served = 0;
});

describe.each(FORGERIES)('a forgery by %s', (_, forgeries) => {
  it.each(forgeries)(
    'gets the same answer as every other forgery, and is logged without its token: %s',
    async (_sentence, forge) => {
      const token = forge();
      const { statusCode, headers, body } = await call(token);

      expect(served).toBe(0);
      expect(statusCode).toBe(401);
      expect(headers).toMatchObject({
        'Content-Type': 'application/problem+json',
        'WWW-Authenticate': 'Bearer error="invalid_token"',
        'Cache-Control': 'no-store',
      });
      expect(JSON.parse(body)).toEqual({
        type: 'urn:lectern:problem:invalid-token',
        title: 'Invalid token',
        status: 401,
        detail: 'The access token is not valid.',
        code: 'invalid-token',
        requestId: '6d1a3b52-0000-4000-8000-000000000000',
      });
      expect(logs.lines()).toEqual([expect.objectContaining({ code: 'invalid-token' })]);
      for (const part of token.split('.')) if (part.length >= 8) expect(logs.text()).not.toContain(part);
    },
  );
});

describe('a genuine token', () => {
  it('is accepted, with either valid signature', async () => {
    const tokens = [buildToken(), craftToken({}), buildToken({ key: otherKey }), malleated(buildToken())];
    for (const token of [...tokens, buildToken({ claims: { note: 'x'.repeat(1500) } })]) {
      const { statusCode, body } = await call(token);
      expect(statusCode).toBe(200);
      expect(JSON.parse(body)).toEqual({
        userId: goodClaims().sub,
        sessionId: 'session-1',
        roles: ['learner'],
        epoch: goodClaims().ep,
      });
    }
    expect(served).toBe(5);
    expect(logs.text()).toBe('');
  });

  it('is reported as expired if that is its only fault', async () => {
    const { statusCode, headers, body } = await call(buildToken({ now: new Date(Date.now() - 3_600_000) }));
    expect(served).toBe(0);
    expect(statusCode).toBe(401);
    expect(headers?.['WWW-Authenticate']).toMatch(/^Bearer error="invalid_token", error_description="/);
    expect(JSON.parse(body)).toMatchObject({ code: 'token-expired', detail: 'The access token has expired.' });
  });
});

describe('a valid token outside the Authorization header', () => {
  const token = buildToken();

  it.each([
    ['the query', { query: { access_token: token, token, Authorization: `Bearer ${token}` } }],
    ['a cookie', { headers: { Cookie: `access_token=${token}; Authorization=Bearer ${token}` } }],
    ['the body', { headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: `access_token=${token}` }],
    ['another header', { headers: { 'X-Access-Token': token, 'Proxy-Authorization': `Bearer ${token}` } }],
  ])('is ignored in %s', async (_, options) => {
    const { statusCode, headers, body } = await handler(apiEvent('GET /mine', options));
    expect(served).toBe(0);
    expect(statusCode).toBe(401);
    expect(headers?.['WWW-Authenticate']).toBe('Bearer');
    expect(JSON.parse(body)).toMatchObject({ code: 'missing-token' });
    expect(logs.text()).not.toContain(token);
  });

  it('is rejected beside a second Authorization header', async () => {
    const event = apiEvent('GET /mine', { headers: { Authorization: `Bearer ${token}` } });
    const authorization = [`Bearer ${buildToken()}`, `Bearer ${token}`];
    const { statusCode, body } = await handler({
      ...event,
      multiValueHeaders: { ...event.multiValueHeaders, Authorization: authorization },
    });
    expect(served).toBe(0);
    expect(statusCode).toBe(401);
    expect(JSON.parse(body)).toMatchObject({ code: 'invalid-token' });
  });
});
