import { fillPlaceholders, type Values } from '../placeholders.ts';
import { tokensIn } from '../sign-in.ts';
import { type Comparison, compareRequests } from './compare.ts';
import type { Occasion } from './differences.ts';
import type { ClientRequest } from './exchange.ts';

/** One request of a journey; what it says in angle brackets is what earlier answers said. */
interface Step {
  /** `METHOD target` */
  readonly request: string;
  readonly occasion?: Occasion;
  readonly authorization?: string;
  /** Sent as JSON, or, a text, as it is. */
  readonly body?: object | string;
  readonly contentType?: string;
}

type Journey = readonly Step[];

const TOKEN = { authorization: 'Bearer <access token>' } as const;

const NORA = { email: 'nora@example.com', password: 'seven swans a-swimming' } as const;
const NEW_PASSWORD = 'six geese a-laying';
const LEARNER = { email: 'learner@example.com', password: '<password>' } as const;
const MAILED_TOKEN = '65f1c0ffee65f1c0ffee65f1.Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgcmVhbCB0b2tlbiE';

/** From the registration of an account to its end. */
const ACCOUNT: Journey = [
  { request: 'POST /auth/register', body: { ...NORA, password: 'password', name: 'Nora New' } },
  { request: 'POST /auth/register', body: { ...NORA, email: 'nobody', name: 'Nora New' } },
  { request: 'POST /auth/register', body: { ...NORA } },
  { request: 'POST /auth/register', body: { ...NORA, name: 'Nora New', roles: ['admin'] } },
  { request: 'POST /auth/register', body: '{"email":' },
  { request: 'POST /auth/register', body: 'email=nora', contentType: 'application/x-www-form-urlencoded' },
  { request: 'POST /auth/register' },
  { request: 'POST /auth/register', body: { ...NORA, name: 'Nora New', language: 'fr', deviceName: 'Nora’s phone' } },
  { request: 'POST /auth/register', body: { ...NORA, email: 'NORA@example.com', name: 'Another' } },
  // While there is one session: the documents of a collection come in no order.
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
  { request: 'OPTIONS /auth/login', occasion: 'preflight' },
];

/** Who may read which lesson (docs/access.md). */
const LESSONS: Journey = [
  { request: 'GET /courses/listening-to-the-world/lessons/what-a-sound-is', occasion: 'no token' },
  {
    request: 'GET /courses/listening-to-the-world/lessons/what-a-sound-is',
    authorization: 'Bearer not-a-token',
    occasion: 'token refused',
  },
  { request: 'POST /auth/login', body: LEARNER },
  { request: 'GET /courses/writing-that-teaches/lessons/one-lesson-one-promise', ...TOKEN },
  { request: 'GET /courses/listening-to-the-world/lessons/what-a-sound-is', ...TOKEN },
  { request: 'GET /courses/listening-to-the-world/lessons/no-such-lesson', ...TOKEN },
  { request: 'GET /courses/seeing-with-numbers/lessons/spread', ...TOKEN, occasion: 'access denied' },
  { request: 'GET /courses/no-such-course/lessons/no-such-lesson', ...TOKEN, occasion: 'access denied' },
  { request: 'OPTIONS /courses/seeing-with-numbers/lessons/spread', occasion: 'preflight' },
  { request: 'POST /auth/logout', ...TOKEN },
  // Another lesson than those above, which the local gateway lets this token read for a while yet, as API Gateway does.
  { request: 'GET /courses/listening-to-the-world/lessons/birds-at-dawn', ...TOKEN, occasion: 'token refused' },
  { request: 'POST /auth/login', body: { ...LEARNER, email: 'admin@example.com' } },
  { request: 'GET /courses/seeing-with-numbers/lessons/spread', ...TOKEN },
];

/** Requests that follow from the answers before them. */
export const JOURNEYS: readonly Journey[] = [ACCOUNT, LESSONS];

/** Goes through a journey on the local gateway and on start-api, each with the tokens that it gave out itself. */
export async function compareJourney(comparison: Comparison, journey: Journey, values: Values): Promise<void> {
  let known = { gateway: values, startApi: values };
  for (const step of journey) {
    const requests = { gateway: requestOf(step, known.gateway), startApi: requestOf(step, known.startApi) };
    const answers = await compareRequests(comparison, requests, step.occasion ?? 'route', step.request);
    known = {
      gateway: { ...known.gateway, ...learnedFrom(answers.gateway.body.toString(), known.gateway) },
      startApi: { ...known.startApi, ...learnedFrom(answers.startApi.body.toString(), known.startApi) },
    };
  }
}

function requestOf(
  { request, authorization, body, contentType = 'application/json' }: Step,
  known: Values,
): ClientRequest {
  // Split last, since placeholders hold spaces.
  const [method = '', target = ''] = fillPlaceholders(request, known).split(' ');
  const headers = {
    ...(authorization !== undefined && { Authorization: fillPlaceholders(authorization, known) }),
    ...(body !== undefined && { 'Content-Type': contentType }),
  };
  const sent = typeof body === 'object' ? fillPlaceholders(JSON.stringify(body), known) : body;
  return { method, target, headers, body: sent ?? null };
}

/** New tokens, the refresh token that they came in place of, and a session other than the one that asked. */
function learnedFrom(body: string, { 'refresh token': used = '' }: Values): Values {
  const tokens = tokensIn(body);
  const other = /"id":"([\w-]{22})"(?:(?!"id":).)*"current":false/.exec(body)?.[1];
  return {
    ...tokens,
    ...('refresh token' in tokens && { 'used refresh token': used }),
    ...(other !== undefined && { 'other session': other }),
  };
}
