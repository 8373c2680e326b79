import { authenticate } from '../../shared/auth/authenticate.ts';
import { createHandler } from '../../shared/http/handler.ts';
import { changeProfile, deleteAccount, exportAccount, showAccount } from './account/account.ts';
import { register } from './account/registration.ts';
import { login } from './account/sign-in.ts';
import { contract } from './contract.ts';
import { requestVerification, verifyEmail } from './mail/email-verification.ts';
import { changePassword } from './password/password-change.ts';
import { requestPasswordReset, resetPassword } from './password/password-reset.ts';
import { renewSession } from './session/renewal.ts';
import { listSessions } from './session/session-list.ts';
import { endSession, logout, logoutAll } from './session/sign-out.ts';
import { readPublicKeys } from './token/public-key-set.ts';

export const handler = createHandler(
  contract,
  {
    'POST /auth/register': ({ body, sourceIp }) => register(body, sourceIp),
    'POST /auth/login': ({ body, sourceIp }) => login(body, sourceIp),
    'POST /auth/refresh': ({ body }) => renewSession(body),
    'POST /auth/logout': ({ principal }) => logout(principal),
    'POST /auth/logout-all': ({ principal }) => logoutAll(principal),
    'GET /auth/sessions': ({ principal }) => listSessions(principal),
    'DELETE /auth/sessions/{sessionId}': ({ principal, path }) => endSession(principal, path.sessionId),
    'GET /auth/me': ({ principal }) => showAccount(principal),
    'PATCH /auth/me': ({ principal, body }) => changeProfile(principal, body),
    'DELETE /auth/me': ({ principal, body }) => deleteAccount(principal, body.password),
    'GET /auth/me/export': ({ principal }) => exportAccount(principal),
    'POST /auth/password': ({ principal, body }) => changePassword(principal, body),
    'POST /auth/password/forgot': ({ body, sourceIp }) => requestPasswordReset(body.email, sourceIp),
    'POST /auth/password/reset': ({ body, sourceIp }) => resetPassword(body, sourceIp),
    'POST /auth/email/verification': ({ principal, sourceIp }) => requestVerification(principal, sourceIp),
    'POST /auth/email/verify': ({ body }) => verifyEmail(body.token),
    'GET /.well-known/jwks.json': () => readPublicKeys(),
  },
  { authenticate: (event, role) => authenticate(event, role) },
);
