import { type Journey, TOKEN } from './journey.ts';

const NORA = { email: 'nora@example.com', password: 'seven swans a-swimming' } as const;
const NEW_PASSWORD = 'six geese a-laying';
const MAILED_TOKEN = '65f1c0ffee65f1c0ffee65f1.Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgcmVhbCB0b2tlbiE';

/** From the registration of an account to its end. */
export const ACCOUNT: Journey = [
  { request: 'POST /auth/register', body: { ...NORA, password: 'password', name: 'Nora New' } },
  { request: 'POST /auth/register', body: { ...NORA, email: 'nobody', name: 'Nora New' } },
  { request: 'POST /auth/register', body: { ...NORA } },
  { request: 'POST /auth/register', body: { ...NORA, name: 'Nora New', roles: ['admin'] } },
  { request: 'POST /auth/register', body: '{"email":' },
  { request: 'POST /auth/register', body: 'email=nora', contentType: 'application/x-www-form-urlencoded' },
  { request: 'POST /auth/register' },
  { request: 'POST /auth/register', body: { ...NORA, name: 'Nora New', language: 'fr', deviceName: 'Nora’s phone' } },
  { request: 'POST /auth/register', body: { ...NORA, email: 'NORA@example.com', name: 'Another' } },
  // While there is one session: the documents of a collection have no order.
  { request: 'GET /auth/me/export', ...TOKEN },

  { request: 'POST /auth/login', body: { ...NORA, password: 'seven swans a-sleeping' } },
  { request: 'POST /auth/login', body: { ...NORA, email: 'nobody@example.com' } },
  { request: 'POST /auth/login', body: { ...NORA, deviceName: 'Nora’s tablet' } },

  { request: 'GET /auth/me', ...TOKEN },
  { request: 'GET /auth/me' },
  { request: 'GET /auth/me', authorization: 'Bearer not-a-token' },
  { request: 'GET /auth/me', authorization: 'Basic bm9yYTpzd2Fucw==' },
  { request: 'GET /auth/sessions', ...TOKEN },
  { request: 'PATCH /auth/me', ...TOKEN, body: { name: 'Nora Moore', language: 'pt-BR' } },
  { request: 'PATCH /auth/me', ...TOKEN, body: {} },
  { request: 'PATCH /auth/me', ...TOKEN, body: { roles: ['admin'] } },

  { request: 'POST /auth/refresh', body: { refreshToken: '<refresh token>' } },
  { request: 'POST /auth/refresh', body: { refreshToken: '<used refresh token>' } },
  { request: 'POST /auth/refresh', body: { refreshToken: 'not.a.token' } },
  { request: 'POST /auth/refresh', body: {} },

  { request: 'POST /auth/password', ...TOKEN, body: { currentPassword: 'wrong', newPassword: NEW_PASSWORD } },
  { request: 'POST /auth/password', ...TOKEN, body: { currentPassword: NORA.password, newPassword: 'password' } },
  { request: 'POST /auth/password', ...TOKEN, body: { currentPassword: NORA.password, newPassword: NEW_PASSWORD } },
  { request: 'POST /auth/login', body: NORA },
  { request: 'POST /auth/password/forgot', body: { email: NORA.email } },
  { request: 'POST /auth/password/reset', body: { token: MAILED_TOKEN, newPassword: NORA.password } },
  { request: 'POST /auth/email/verification', ...TOKEN },
  { request: 'POST /auth/email/verify', body: { token: MAILED_TOKEN } },

  { request: 'POST /auth/login', body: { ...NORA, password: NEW_PASSWORD } },
  { request: 'GET /auth/sessions', ...TOKEN },
  { request: 'DELETE /auth/sessions/<other session>', ...TOKEN },
  { request: 'DELETE /auth/sessions/<other session>', ...TOKEN },
  { request: 'DELETE /auth/sessions/not-a-session', ...TOKEN },
  { request: 'POST /auth/logout', ...TOKEN },
  { request: 'POST /auth/logout', ...TOKEN },
  { request: 'GET /auth/me', ...TOKEN },
  { request: 'POST /auth/refresh', body: { refreshToken: '<refresh token>' } },

  { request: 'POST /auth/login', body: { ...NORA, password: NEW_PASSWORD } },
  { request: 'POST /auth/logout-all', ...TOKEN },
  { request: 'POST /auth/logout-all', ...TOKEN },
  { request: 'POST /auth/login', body: { ...NORA, password: NEW_PASSWORD } },
  { request: 'DELETE /auth/me', ...TOKEN, body: { password: 'wrong' } },
  { request: 'DELETE /auth/me', ...TOKEN, body: { password: NEW_PASSWORD } },
  { request: 'POST /auth/login', body: { ...NORA, password: NEW_PASSWORD } },

  { request: 'GET /.well-known/jwks.json' },
  { request: 'OPTIONS /auth/login', scenario: 'preflight' },
];
