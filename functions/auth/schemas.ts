import { closedObject } from '../../shared/schemas/closed-object.ts';
import { language, timestamp } from '../../shared/schemas/course.ts';

/*
 * The shapes of accounts and sessions that clients see, and their fields. Lengths are in code points, as in JSON
 * Schema.
 */

/**
 * functions/auth/user/email-address.ts checks the rest. 254 is the longest address that fits an SMTP path (RFC 5321
 * section 4.5.3.1.3).
 */
export const email = { type: 'string', minLength: 3, maxLength: 254, examples: ['ada@example.com'] } as const;

/** A new password. 8 is the minimum of NIST SP 800-63B section 5.1.1.1, without any other rule. */
export const newPassword = {
  type: 'string',
  minLength: 8,
  maxLength: 128,
  description: 'Any characters. The most common passwords are refused.',
  examples: ['seven swans a-swimming'],
} as const;

/** A password to check. The answer tells only whether it is right. */
export const password = { type: 'string', minLength: 1, maxLength: 128, examples: ['seven swans a-swimming'] } as const;

/*
 * A visible line of text that is not blank: no control characters, lone surrogates, line separators, or characters that
 * change the text direction. Written as plain ranges, which every reader of the API document understands, and as two
 * patterns, because one would need a lookahead.
 */
const PRINTABLE = '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]+$';
const NOT_BLANK = { pattern: '[^\\s\\u200b]' } as const;

export const personName = {
  type: 'string',
  minLength: 1,
  maxLength: 100,
  pattern: PRINTABLE,
  allOf: [NOT_BLANK],
  examples: ['Ada Moore'],
} as const;

/** Names a request, so that its retries are recognized. */
const attemptId = {
  type: 'string',
  format: 'uuid',
  examples: ['0197f0b4-7a10-7d55-8c3e-51b1a7e0c9d2'],
} as const;

export const refreshAttemptId = {
  ...attemptId,
  description:
    'Made and stored by the app before it first sends this refresh token, and sent again with each retry. Another refresh token needs another one.',
} as const;

export const registrationAttemptId = {
  ...attemptId,
  description: 'Made and stored by the app before it first sends this registration, and sent again with each retry.',
} as const;

export const deviceId = {
  type: 'string',
  format: 'uuid',
  description:
    'Made by the app once and kept on the device. A device has one session of an account: signing in again replaces it.',
  examples: ['0197f0b4-5c2e-7b0a-9f4d-3e8a6d1c2b77'],
} as const;

export const deviceName = {
  type: 'string',
  minLength: 1,
  maxLength: 100,
  pattern: PRINTABLE,
  allOf: [NOT_BLANK],
  description: 'The name of the device in the list of sessions.',
  examples: ['Ada’s phone'],
} as const;

export const sessionId = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]{22}$',
  examples: ['Zm9yIGV4YW1wbGUgb25seQ'],
} as const;

const role = { type: 'string', enum: ['learner', 'author', 'admin'] } as const;

const userExample = {
  id: '65f1c0ffee65f1c0ffee65f1',
  email: 'ada@example.com',
  name: 'Ada Moore',
  language: 'en',
  roles: ['learner'],
  emailVerified: false,
  createdAt: '2026-11-02T09:30:00.000Z',
} as const;

export const user = closedObject(
  {
    id: { type: 'string', pattern: '^[0-9a-f]{24}$' },
    email: { type: 'string' },
    name: { type: 'string' },
    language,
    roles: { type: 'array', items: role, description: 'Every account is a learner.' },
    emailVerified: { type: 'boolean' },
    createdAt: timestamp,
  },
  { title: 'User', description: 'An account, as its owner sees it.', examples: [userExample] },
);

const tokensExample = {
  accessToken: 'eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl',
  tokenType: 'Bearer',
  expiresIn: 900,
  refreshToken: 'Zm9yIGV4YW1wbGUgb25seQ.0.bm90LWEtcmVhbC1tYWMtb25seS1hbi1leGFtcGxlLi4',
  refreshExpiresIn: 2_592_000,
} as const;

export const tokens = closedObject(
  {
    accessToken: { type: 'string' },
    tokenType: { type: 'string', const: 'Bearer' },
    expiresIn: { type: 'integer', description: 'Seconds until the access token expires.' },
    refreshToken: { type: 'string', description: 'Works once. Using an older one may end the session.' },
    refreshExpiresIn: { type: 'integer', description: 'Seconds until the session ends unless it is refreshed.' },
  },
  {
    title: 'Tokens',
    description: 'An access token, to send as `Authorization: Bearer`, and the refresh token for the next pair.',
    examples: [tokensExample],
  },
);

export const signedIn = closedObject(
  { user, tokens },
  { title: 'SignedIn', examples: [{ user: userExample, tokens: tokensExample }] },
);

export const renewed = closedObject({ tokens }, { title: 'Renewed', examples: [{ tokens: tokensExample }] });

export const session = closedObject(
  {
    id: sessionId,
    deviceId: { type: ['string', 'null'], description: 'In lower case. Null if the app gave none.' },
    deviceName: { type: ['string', 'null'] },
    createdAt: timestamp,
    lastUsedAt: { ...timestamp, description: 'When it last got a new access token.' },
    expiresAt: { ...timestamp, description: 'When it ends if it is not used again.' },
    current: { type: 'boolean', description: 'Whether it is the caller’s own.' },
  },
  {
    title: 'Session',
    description: 'A device that is signed in.',
    examples: [
      {
        id: 'Zm9yIGV4YW1wbGUgb25seQ',
        deviceId: deviceId.examples[0],
        deviceName: 'Ada’s phone',
        createdAt: '2026-11-02T09:30:00.000Z',
        lastUsedAt: '2026-11-02T09:45:00.000Z',
        expiresAt: '2026-12-02T09:45:00.000Z',
        current: true,
      },
    ],
  },
);

/** RFC 7517 section 5, RFC 7518 section 6.2.1. */
export const publicKeySet = closedObject(
  {
    keys: {
      type: 'array',
      items: closedObject(
        {
          kty: { type: 'string', const: 'EC' },
          crv: { type: 'string', const: 'P-256' },
          x: { type: 'string' },
          y: { type: 'string' },
          kid: { type: 'string' },
          use: { type: 'string', const: 'sig' },
          alg: { type: 'string', const: 'ES256' },
        },
        { title: 'PublicKey' },
      ),
    },
  },
  {
    title: 'PublicKeySet',
    description: 'A JSON Web Key Set (RFC 7517).',
    examples: [
      {
        keys: [
          {
            kty: 'EC',
            crv: 'P-256',
            x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
            y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
            kid: '2026-11',
            use: 'sig',
            alg: 'ES256',
          },
        ],
      },
    ],
  },
);

/** A token from a mail. No schema for its form: whatever is wrong with it, the answer is the same. */
export const mailedToken = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  description: 'What follows `#token=` in the link of the mail.',
  examples: ['65f1c0ffee65f1c0ffee65f1.Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgcmVhbCB0b2tlbiE'],
} as const;

export const accountData = closedObject(
  {
    exportedAt: timestamp,
    collections: {
      type: 'object',
      description: 'The learner’s documents by collection.',
      additionalProperties: { type: 'array', items: { type: 'object' } },
    },
  },
  {
    title: 'AccountData',
    description: 'Everything stored about an account, except hashes and secrets.',
    examples: [
      {
        exportedAt: '2026-11-02T09:30:00.000Z',
        collections: {
          users: [
            {
              _id: '65f1c0ffee65f1c0ffee65f1',
              email: 'ada@example.com',
              name: 'Ada Moore',
              createdAt: '2026-10-01T08:00:00.000Z',
            },
          ],
          grants: [],
        },
      },
    ],
  },
);
