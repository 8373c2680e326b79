import { createHash } from 'node:crypto';
import { handler as auth } from '../../functions/auth/handler.ts';
import { handler as authorize } from '../../functions/authorizer/handler.ts';
import { handler as courses } from '../../functions/courses/handler.ts';
import { handler as media } from '../../functions/media-url/handler.ts';
import { handler as podcast } from '../../functions/podcast/handler.ts';
import { handler as progress } from '../../functions/progress/handler.ts';
import type { Message } from '../../local/mail/eml.ts';
import { beginAccess, endAccess } from '../../shared/access/grant-repository.ts';
import type { LambdaHandler } from '../../shared/http/handler.ts';
import { type Call, call, lessonEvent } from './call.ts';
import { COURSES, LESSON, LESSONS, lessonId, PREVIEW } from './course.ts';

/** One request of the journey: its route, and which of the things that the route may do. */
export interface Step {
  readonly functionName: string;
  readonly key: string;
  readonly what: string;
}

/** Runs the work of a step. What is around it is measured. */
export type Watch = <Result>(step: Step, work: () => Promise<Result>) => Promise<Result>;

export interface Learner {
  readonly email: string;
  readonly userId: string;
}

interface SignedIn {
  readonly user: { readonly id: string };
  readonly tokens: { readonly accessToken: string; readonly refreshToken: string };
}

const HANDLERS: Readonly<Record<string, LambdaHandler>> = { auth, courses, 'media-url': media, podcast, progress };
const PASSWORD = 'seven swans a-swimming';
const OTHER_PASSWORD = 'six geese a-laying';
/** One event for each half a minute of playing, which is how often the queue of client/src reports. */
const EVENTS_PER_LESSON = 10;

/**
 * Follows a learner through every route of every function, by real handlers. It stops before the account is erased, so
 * that what is stored can be measured; {@link leave} does the rest.
 * @param seed names the learner, and makes the ids that apps choose the same on every run
 */
export async function travel(seed: string, mails: readonly Message[], watch: Watch): Promise<Learner> {
  const email = `learner-${seed}@example.com`;
  const ask = asker(watch);
  const home = networkOf(seed, 1);
  const device = { deviceId: uuidOf(`${seed} phone`), deviceName: 'A phone of mine' };

  const registration = { email, password: PASSWORD, name: 'Ada Moore', language: 'en', ...device };
  const body = { ...registration, attemptId: uuidOf(`${seed} registration`) };
  await ask('auth', 'POST /auth/register', 'a new account', 201, { body, sourceIp: home });
  await ask('auth', 'POST /auth/register', 'once more, after a lost reply', 201, { body, sourceIp: home });
  await ask('auth', 'POST /auth/email/verify', '', 204, { body: { token: lastToken(mails, email) } });
  await ask('auth', 'GET /.well-known/jwks.json', '', 200);

  const login = (password: string, sourceIp: string, more: object = {}) => ({
    body: { email, password, ...more },
    sourceIp,
  });
  const away = networkOf(seed, 2);
  await ask('auth', 'POST /auth/login', 'wrong password', 401, login(OTHER_PASSWORD, away));
  await ask('auth', 'POST /auth/login', 'from a new network', 200, login(PASSWORD, away));
  const again = await ask('auth', 'POST /auth/login', 'again on a device', 200, login(PASSWORD, home, device));
  const phone = again as SignedIn;
  const { userId, accessToken } = { userId: phone.user.id, accessToken: phone.tokens.accessToken };
  const refresh = { refreshToken: phone.tokens.refreshToken, attemptId: uuidOf(`${seed} refresh`) };
  await ask('auth', 'POST /auth/refresh', '', 200, { body: refresh });
  await ask('auth', 'POST /auth/refresh', 'once more, after a lost reply', 200, { body: refresh });
  await ask('auth', 'GET /auth/me', '', 200, { accessToken });
  await ask('auth', 'PATCH /auth/me', '', 200, { accessToken, body: { name: 'Ada Moore-King' } });
  await ask('auth', 'GET /auth/sessions', '', 200, { accessToken });

  await ask('courses', 'GET /courses', '', 200);
  await ask('courses', 'GET /courses', 'by topic and level', 200, { query: { level: 'beginner', sort: 'title' } });
  await ask('courses', 'GET /courses', 'by a word', 200, { query: { q: 'course' } });
  await ask('courses', 'GET /courses/{courseId}', '', 200, { path: { courseId: COURSES.members } });
  const preview = { courseId: COURSES.public, lessonId: PREVIEW };
  const lesson = { courseId: COURSES.members, lessonId: LESSON };
  await ask('courses', 'GET /courses/{courseId}/previews/{lessonId}', '', 200, { path: preview });
  await ask('courses', 'GET /courses/{courseId}/lessons/{lessonId}', '', 200, {
    path: lesson,
    principalId: userId,
  });
  const decide = (what: string, path: typeof lesson) =>
    watch({ functionName: 'authorizer', key: 'authorizer', what }, () => authorize(lessonEvent(path, accessToken)));
  await decide('a course for members', lesson);
  await beginAccess({ userId, courseId: COURSES.restricted }, { from: daysFromNow(-1), until: daysFromNow(365) });
  await decide('a restricted course', { ...lesson, courseId: COURSES.restricted });

  const open = { courseId: COURSES.public, lessonId: LESSON };
  const many = { lessonIds: [LESSON, lessonId(4), lessonId(6)], purpose: 'download' };
  await ask('media-url', 'GET /courses/{courseId}/lessons/{lessonId}/media-url', '', 200, {
    path: lesson,
    accessToken,
  });
  await ask('media-url', 'GET /courses/{courseId}/previews/{lessonId}/media-url', '', 200, { path: open });
  await ask('media-url', 'POST /courses/{courseId}/media-urls', '3 lessons', 200, {
    path: { courseId: COURSES.restricted },
    accessToken,
    body: many,
  });

  await listen(seed, accessToken, ask);
  await subscribe(accessToken, ask);
  return { email, userId };
}

type Ask = (functionName: string, key: string, what: string, status: number, request?: Call) => Promise<unknown>;

/** Plays every lesson of two courses to its end, and reads the progress in all the ways there are. */
async function listen(seed: string, accessToken: string, ask: Ask): Promise<void> {
  const courseId = COURSES.members;
  const path = { courseId, lessonId: LESSON };
  await ask('progress', 'PUT /progress/{courseId}', 'the first time', 200, { path: { courseId }, accessToken });
  await ask('progress', 'PUT /progress/{courseId}', 'again', 200, { path: { courseId }, accessToken });
  const { courseId: _, lessonId: __, ...event } = playing(seed, courseId, 2, 0);
  await ask('progress', 'PUT /progress/{courseId}/lessons/{lessonId}', '', 200, { path, accessToken, body: event });
  for (const course of [COURSES.members, COURSES.restricted]) {
    for (let number = 1; number <= LESSONS; number += 1) {
      const events = isVideo(number)
        ? Array.from({ length: EVENTS_PER_LESSON }, (_unused, index) => playing(seed, course, number, index))
        : [reading(seed, course, number)];
      const isFirst = number === 1 && course === COURSES.restricted;
      const what = isFirst ? 'the first of a course' : events.length === 1 ? 'an event' : `${events.length} events`;
      const answer = await ask('progress', 'POST /progress/sync', what, 200, { accessToken, body: batch(events) });
      assertAccepted(answer);
    }
  }
  const both = [COURSES.members, COURSES.restricted].map((course) => playing(seed, course, 2, EVENTS_PER_LESSON));
  const answer = await ask('progress', 'POST /progress/sync', 'events of 2 courses', 200, {
    accessToken,
    body: batch(both),
  });
  assertAccepted(answer);
  await ask('progress', 'GET /progress', '', 200, { accessToken });
  await ask('progress', 'GET /progress/continue', '', 200, { accessToken });
  await ask('progress', 'GET /progress/days', '', 200, { accessToken, query: DAYS });
  await ask('progress', 'GET /progress/{courseId}', '', 200, { path: { courseId }, accessToken });
  await ask('progress', 'DELETE /progress/{courseId}', '', 204, { path: { courseId: COURSES.public }, accessToken });
}

async function subscribe(accessToken: string, ask: Ask): Promise<void> {
  const path = { courseId: COURSES.members };
  const first = await ask('podcast', 'POST /courses/{courseId}/feed', 'the first time', 200, { path, accessToken });
  await ask('podcast', 'POST /courses/{courseId}/feed', 'again', 200, { path, accessToken });
  const feedToken = (first as { readonly url: string }).url.split('/').at(-1) ?? '';
  const episode = { feedToken, lessonId: LESSON };
  await ask('podcast', 'GET /feeds/{feedToken}', '', 200, { path: { feedToken } });
  await ask('podcast', 'HEAD /feeds/{feedToken}', '', 200, { path: { feedToken } });
  await ask('podcast', 'GET /feeds/{feedToken}/episodes/{lessonId}', '', 302, { path: episode });
  await ask('podcast', 'HEAD /feeds/{feedToken}/episodes/{lessonId}', '', 302, { path: episode });
}

/** The routes by which a learner loses a password, sessions, a feed and the account. */
export async function leave(
  seed: string,
  { email, userId }: Learner,
  mails: readonly Message[],
  watch: Watch,
): Promise<void> {
  const ask = asker(watch);
  const sourceIp = networkOf(seed, 1);
  await ask('auth', 'POST /auth/password/forgot', '', 202, { body: { email }, sourceIp });
  const reset = { token: lastToken(mails, email), newPassword: OTHER_PASSWORD };
  await ask('auth', 'POST /auth/password/reset', '', 204, { body: reset, sourceIp });

  const signIn = async (password: string) =>
    ((await call(auth, 'POST /auth/login', 200, { body: { email, password }, sourceIp })) as SignedIn).tokens;
  const { accessToken } = await signIn(OTHER_PASSWORD);
  const change = { currentPassword: OTHER_PASSWORD, newPassword: PASSWORD };
  await ask('auth', 'POST /auth/password', '', 204, { accessToken, body: change });
  const other = await signIn(PASSWORD);
  await ask('auth', 'DELETE /auth/sessions/{sessionId}', '', 204, {
    path: { sessionId: sessionIdIn(other.accessToken) },
    accessToken,
  });
  await ask('auth', 'GET /auth/me/export', '', 200, { accessToken });
  await ask('podcast', 'DELETE /courses/{courseId}/feed', '', 204, {
    path: { courseId: COURSES.members },
    accessToken,
  });
  await endAccess({ userId, courseId: COURSES.restricted }, new Date());
  await ask('auth', 'POST /auth/logout', '', 204, { accessToken: (await signIn(PASSWORD)).accessToken });
  await ask('auth', 'POST /auth/logout-all', '', 204, { accessToken: (await signIn(PASSWORD)).accessToken });
  const last = (await signIn(PASSWORD)).accessToken;
  await ask('auth', 'DELETE /auth/me', '', 204, { accessToken: last, body: { password: PASSWORD } });

  // Of an account that has not verified its address.
  const unverified = { email: `unverified-${seed}@example.com`, password: PASSWORD, name: 'Ada Moore', language: 'en' };
  const registered = (await call(auth, 'POST /auth/register', 201, { body: unverified, sourceIp })) as SignedIn;
  const token = registered.tokens.accessToken;
  await ask('auth', 'POST /auth/email/verification', '', 202, { accessToken: token, sourceIp });
}

const DAYS = { from: '2026-11-01', to: '2026-11-30' };

function asker(watch: Watch): Ask {
  return (functionName, key, what, status, request) => {
    const handler = HANDLERS[functionName];
    if (handler === undefined) throw new Error(`There is no function ${functionName}`);
    return watch({ functionName, key, what }, () => call(handler, key, status, request));
  };
}

function playing(seed: string, courseId: string, number: number, index: number) {
  return {
    eventId: uuidOf(`${seed} ${courseId} ${number} ${index}`),
    courseId,
    lessonId: lessonId(number),
    occurredAt: new Date(Date.now() - 60_000).toISOString(),
    position: 30.5 * (index + 1),
    playedSeconds: 30,
  };
}

/** The courses have articles and videos by turns. */
function isVideo(number: number): boolean {
  return number % 2 === 0;
}

function reading(seed: string, courseId: string, number: number) {
  const { position: _, playedSeconds: __, ...event } = playing(seed, courseId, number, 0);
  return { ...event, completed: true };
}

function assertAccepted(answer: unknown): void {
  const { results } = answer as { readonly results: readonly { readonly problem?: unknown }[] };
  const refused = results.find(({ problem }) => problem !== undefined);
  if (refused !== undefined) throw new Error(`An event is refused: ${JSON.stringify(refused)}`);
}

function batch(events: readonly object[]) {
  return { sentAt: new Date().toISOString(), events };
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** An address of those set aside for benchmarks (RFC 2544 appendix C.2.2). */
function networkOf(seed: string, number: number): string {
  const [first = 0, second = 0] = createHash('sha256').update(`${seed} ${number}`).digest();
  return `198.${18 + (first & 1)}.${second}.${number}`;
}

function lastToken(mails: readonly Message[], address: string): string {
  const mail = mails.filter(({ to }) => to.includes(address)).at(-1);
  const token = /#token=(\S+)/.exec(mail?.text ?? '')?.[1];
  if (token === undefined) throw new Error(`There is no link in the mail of ${address}`);
  return token;
}

function sessionIdIn(accessToken: string): string {
  const [, payload = ''] = accessToken.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { readonly sid: string }).sid;
}
