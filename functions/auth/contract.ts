import { defineContract } from '../../shared/http/contract.ts';
import { language } from '../../shared/schemas/course.ts';
import { pageOf } from '../../shared/schemas/page.ts';
import {
  accountData,
  deviceName,
  email,
  mailedToken,
  newPassword,
  password,
  personName,
  publicKeySet,
  renewed,
  session,
  sessionId,
  signedIn,
  user,
} from './schemas.ts';

export const contract = defineContract({
  'POST /auth/register': {
    operationId: 'register',
    summary: 'Make an account and sign in to it',
    description: 'An address that differs only in case or in how its characters are written is the same address.',
    auth: 'public',
    body: {
      title: 'Registration',
      type: 'object',
      properties: {
        email,
        password: newPassword,
        name: personName,
        language: { ...language, default: 'en' },
        deviceName,
      },
      required: ['email', 'password', 'name'],
      additionalProperties: false,
      examples: [{ email: 'ada@example.com', password: 'seven swans a-swimming', name: 'Ada Moore', language: 'en' }],
    },
    responses: { 201: signedIn },
    problems: ['email-taken'],
  },

  'POST /auth/login': {
    operationId: 'login',
    summary: 'Sign in on a device',
    description: 'Whether the address or the password is wrong is not said. Too many failures are answered with 429.',
    auth: 'public',
    body: {
      title: 'Credentials',
      type: 'object',
      properties: { email, password, deviceName },
      required: ['email', 'password'],
      additionalProperties: false,
      examples: [{ email: 'ada@example.com', password: 'seven swans a-swimming', deviceName: 'Ada’s phone' }],
    },
    responses: { 200: signedIn },
    problems: ['invalid-credentials'],
  },

  'POST /auth/refresh': {
    operationId: 'refresh',
    summary: 'Get the next pair of tokens for a refresh token',
    description:
      'Each refresh token is good once. A client that lost the reply sends the same one again, within a minute, and gets the same next one. Later, or after the next one was used, the old one means that somebody has a copy: the session ends.',
    auth: 'public',
    body: {
      title: 'Renewal',
      type: 'object',
      properties: { refreshToken: { type: 'string', minLength: 1, maxLength: 512 } },
      required: ['refreshToken'],
      additionalProperties: false,
      examples: [{ refreshToken: 'Zm9yIGV4YW1wbGUgb25seQ.0.bm90LWEtcmVhbC1tYWMtb25seS1hbi1leGFtcGxlLi4' }],
    },
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
    summary: 'Sign out everywhere, on this device too',
    auth: 'learner',
    responses: { 204: null },
    problems: [],
  },

  'GET /auth/sessions': {
    operationId: 'listSessions',
    summary: 'The devices that are signed in, the last used first',
    description: 'All on one page: an account has 50 at the most, and signing in on one more ends the least used.',
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
    summary: 'The account that is signed in',
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
    summary: 'Delete the account and everything held about it, for good',
    description: 'All sessions end with it. The password is asked for once more, in the body.',
    auth: 'learner',
    body: {
      title: 'AccountDeletion',
      type: 'object',
      properties: { password },
      required: ['password'],
      additionalProperties: false,
      examples: [{ password: 'seven swans a-swimming' }],
    },
    responses: { 204: null },
    problems: ['invalid-credentials'],
  },

  'GET /auth/me/export': {
    operationId: 'exportAccount',
    summary: 'Everything that is held about the account, as one document',
    auth: 'learner',
    responses: { 200: accountData },
    problems: [],
  },

  'POST /auth/password': {
    operationId: 'changePassword',
    summary: 'Change the password',
    description: 'Every other session ends; this one stays.',
    auth: 'learner',
    body: {
      title: 'PasswordChange',
      type: 'object',
      properties: { currentPassword: password, newPassword },
      required: ['currentPassword', 'newPassword'],
      additionalProperties: false,
      examples: [{ currentPassword: 'seven swans a-swimming', newPassword: 'six geese a-laying' }],
    },
    responses: { 204: null },
    problems: ['invalid-credentials'],
  },

  'POST /auth/password/forgot': {
    operationId: 'requestPasswordReset',
    summary: 'Have a link to choose a new password sent by mail',
    description:
      'The answer is the same whether there is such an account or not. The link works once, within one hour; a later one replaces it.',
    auth: 'public',
    body: {
      title: 'PasswordResetRequest',
      type: 'object',
      properties: { email },
      required: ['email'],
      additionalProperties: false,
      examples: [{ email: 'ada@example.com' }],
    },
    responses: { 202: null },
    problems: [],
  },

  'POST /auth/password/reset': {
    operationId: 'resetPassword',
    summary: 'Choose a new password with the token of a mail',
    description: 'Every session ends. The address counts as verified, since its mail was read.',
    auth: 'public',
    body: {
      title: 'PasswordReset',
      type: 'object',
      properties: { token: mailedToken, newPassword },
      required: ['token', 'newPassword'],
      additionalProperties: false,
      examples: [{ token: mailedToken.examples[0], newPassword: 'six geese a-laying' }],
    },
    responses: { 204: null },
    problems: ['invalid-token'],
  },

  'POST /auth/email/verify': {
    operationId: 'verifyEmail',
    summary: 'Prove with the token of a mail that its address is yours',
    auth: 'public',
    body: {
      title: 'EmailVerification',
      type: 'object',
      properties: { token: mailedToken },
      required: ['token'],
      additionalProperties: false,
      examples: [{ token: mailedToken.examples[0] }],
    },
    responses: { 204: null },
    problems: ['invalid-token'],
  },

  'GET /.well-known/jwks.json': {
    operationId: 'getPublicKeys',
    summary: 'The public keys that access tokens are verified with',
    auth: 'public',
    cache: { ttlSeconds: 60 },
    responses: { 200: publicKeySet },
    problems: [],
  },
});
