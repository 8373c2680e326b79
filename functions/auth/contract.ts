import { defineContract } from '../../shared/http/contract.ts';
import { closedObject } from '../../shared/schemas/closed-object.ts';
import { language } from '../../shared/schemas/course.ts';
import { pageOf } from '../../shared/schemas/page.ts';
import {
  accountData,
  deviceId,
  deviceName,
  email,
  mailedToken,
  newPassword,
  password,
  personName,
  publicKeySet,
  refreshAttemptId,
  registrationAttemptId,
  renewed,
  session,
  sessionId,
  signedIn,
  user,
} from './schemas.ts';

export const contract = defineContract({
  'POST /auth/register': {
    operationId: 'register',
    summary: 'Create an account and sign in to it',
    description:
      'Addresses that differ only in case or in Unicode form are the same address. A retry with the same `attemptId` and password signs in to the account that an earlier try created. A retry without one may get `email-taken` for its own account: sign in then.',
    auth: 'public',
    body: closedObject(
      {
        email,
        password: newPassword,
        name: personName,
        language: { ...language, default: 'en' },
        attemptId: registrationAttemptId,
        deviceId,
        deviceName,
      },
      {
        optional: ['language', 'attemptId', 'deviceId', 'deviceName'],
        title: 'Registration',
        examples: [
          {
            email: 'ada@example.com',
            password: 'seven swans a-swimming',
            name: 'Ada Moore',
            language: 'en',
            attemptId: registrationAttemptId.examples[0],
            deviceId: deviceId.examples[0],
          },
        ],
      },
    ),
    responses: { 201: signedIn },
    problems: ['email-taken'],
  },

  'POST /auth/login': {
    operationId: 'login',
    summary: 'Sign in on a device',
    description:
      'The answer does not tell whether the address or the password is wrong. Too many failures get 429. With a `deviceId`, the session replaces the device’s earlier one, so a retry leaves no session behind.',
    auth: 'public',
    body: closedObject(
      { email, password, deviceId, deviceName },
      {
        optional: ['deviceId', 'deviceName'],
        title: 'Credentials',
        examples: [
          {
            email: 'ada@example.com',
            password: 'seven swans a-swimming',
            deviceId: deviceId.examples[0],
            deviceName: 'Ada’s phone',
          },
        ],
      },
    ),
    responses: { 200: signedIn },
    problems: ['invalid-credentials'],
  },

  'POST /auth/refresh': {
    operationId: 'refresh',
    summary: 'Exchange a refresh token for the next pair of tokens',
    description:
      'Each refresh token works once. A client that lost the reply sends the same token again with the same `attemptId`, and gets the same next one, however late, unless that one was used. Without the `attemptId`, an old token returns the current one for a minute after it was replaced. Otherwise an old token means that somebody has a copy, and the session ends.',
    auth: 'public',
    body: closedObject(
      { refreshToken: { type: 'string', minLength: 1, maxLength: 512 }, attemptId: refreshAttemptId },
      {
        optional: ['attemptId'],
        title: 'Renewal',
        examples: [
          {
            refreshToken: 'Zm9yIGV4YW1wbGUgb25seQ.0.bm90LWEtcmVhbC1tYWMtb25seS1hbi1leGFtcGxlLi4',
            attemptId: refreshAttemptId.examples[0],
          },
        ],
      },
    ),
    responses: { 200: renewed },
    problems: ['invalid-token'],
  },

  'POST /auth/logout': {
    operationId: 'logout',
    summary: 'Sign out on this device',
    auth: 'learner',
    tokenOnly: true,
    responses: { 204: null },
    problems: [],
  },

  'POST /auth/logout-all': {
    operationId: 'logoutAll',
    summary: 'Sign out on every device, including this one',
    auth: 'learner',
    responses: { 204: null },
    problems: [],
  },

  'GET /auth/sessions': {
    operationId: 'listSessions',
    summary: 'List the signed-in devices, most recently used first',
    description: 'All on one page. An account has at most 50 sessions; one more ends the least recently used.',
    auth: 'learner',
    responses: { 200: pageOf('SessionPage', session) },
    problems: [],
  },

  'DELETE /auth/sessions/{sessionId}': {
    operationId: 'endSession',
    summary: 'Sign out on one device',
    auth: 'learner',
    path: { sessionId },
    responses: { 204: null },
    problems: ['not-found'],
  },

  'GET /auth/me': {
    operationId: 'getAccount',
    summary: 'Get the caller’s account',
    auth: 'learner',
    responses: { 200: user },
    problems: [],
  },

  'PATCH /auth/me': {
    operationId: 'changeAccount',
    summary: 'Change the name or the language of the account',
    auth: 'learner',
    body: {
      title: 'ProfileChange',
      type: 'object',
      properties: { name: personName, language },
      minProperties: 1,
      additionalProperties: false,
      examples: [{ language: 'pt-BR' }],
    },
    responses: { 200: user },
    problems: [],
  },

  'DELETE /auth/me': {
    operationId: 'deleteAccount',
    summary: 'Delete the account and everything stored about it',
    description: 'Permanent. Ends all sessions. The body repeats the password.',
    auth: 'learner',
    body: closedObject({ password }, { title: 'AccountDeletion', examples: [{ password: 'seven swans a-swimming' }] }),
    responses: { 204: null },
    problems: ['invalid-credentials'],
  },

  'GET /auth/me/export': {
    operationId: 'exportAccount',
    summary: 'Export everything stored about the account',
    auth: 'learner',
    responses: { 200: accountData },
    problems: [],
  },

  'POST /auth/password': {
    operationId: 'changePassword',
    summary: 'Change the password',
    description: 'Ends every other session and keeps this one.',
    auth: 'learner',
    body: closedObject(
      { currentPassword: password, newPassword },
      {
        title: 'PasswordChange',
        examples: [{ currentPassword: 'seven swans a-swimming', newPassword: 'six geese a-laying' }],
      },
    ),
    responses: { 204: null },
    problems: ['invalid-credentials'],
  },

  'POST /auth/password/forgot': {
    operationId: 'requestPasswordReset',
    summary: 'Request a mail with a link to choose a new password',
    description:
      'The answer is the same whether the account exists or not. The link works once, within one hour. A later one replaces it.',
    auth: 'public',
    body: closedObject({ email }, { title: 'PasswordResetRequest', examples: [{ email: 'ada@example.com' }] }),
    responses: { 202: null },
    problems: [],
  },

  'POST /auth/password/reset': {
    operationId: 'resetPassword',
    summary: 'Choose a new password with the token of a mail',
    description: 'Ends every session. The address counts as verified, because the token came by mail.',
    auth: 'public',
    body: closedObject(
      { token: mailedToken, newPassword },
      { title: 'PasswordReset', examples: [{ token: mailedToken.examples[0], newPassword: 'six geese a-laying' }] },
    ),
    responses: { 204: null },
    problems: ['invalid-token'],
  },

  'POST /auth/email/verification': {
    operationId: 'requestEmailVerification',
    summary: 'Request another mail with a link to verify the address',
    description:
      'Replaces the link of the earlier mail. If the address is verified already, the answer is the same, and no mail is sent.',
    auth: 'learner',
    responses: { 202: null },
    problems: [],
  },

  'POST /auth/email/verify': {
    operationId: 'verifyEmail',
    summary: 'Verify an address with the token of a mail',
    auth: 'public',
    body: closedObject(
      { token: mailedToken },
      { title: 'EmailVerification', examples: [{ token: mailedToken.examples[0] }] },
    ),
    responses: { 204: null },
    problems: ['invalid-token'],
  },

  'GET /.well-known/jwks.json': {
    operationId: 'getPublicKeys',
    summary: 'Get the public keys that verify access tokens',
    auth: 'public',
    cache: { ttlSeconds: 60 },
    responses: { 200: publicKeySet },
    problems: [],
  },
});
