import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { MongoClient } from 'mongodb';
import { hashPassword } from '../../functions/auth/password/password-hash.ts';
import { handler as podcast } from '../../functions/podcast/handler.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { CLIENT_OPTIONS, closeDatabase } from '../../shared/db/client.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { requestHeaders, signIn } from '../accounts/auth-client.ts';
import { account, freshNetwork, PASSWORD, READER } from '../accounts/people.ts';
import { generatedCourse } from '../catalog/generated-course.ts';

/** Requests that hash a password are a kind of their own: the hash takes most of their time, and that time varies. */
export type RequestKind = 'read' | 'write' | 'hash';

/** A request that a container may get first. */
export interface FirstRequest {
  readonly functionName: string;
  /** Such as `GET /auth/me`. */
  readonly key: string;
  readonly kind: RequestKind;
  /** An event in JSON, another one each time. */
  nextEvent(): string;
}

interface EventParts {
  readonly key: string;
  /** `read` by default. */
  readonly kind?: RequestKind;
  readonly path?: Readonly<Record<string, string>>;
  readonly accessToken?: string;
  readonly body?: () => object;
  readonly sourceIp?: () => string;
}

/** Another account than the learner's, whose sessions would end in favour of newer ones. */
const SIGNING_IN = 'signing.in@example.com';

/** A generated course with articles, audio and video. */
const COURSE = { ...generatedCourse(3), id: 'a-course', access: 'members' } as const;

/**
 * Fills a database with a course and a learner, and returns requests of hers.
 * @param variables of the functions, with which this process signs in and opens a feed
 */
export async function prepareRequests(
  uri: string,
  variables: Readonly<Record<string, string>>,
): Promise<readonly FirstRequest[]> {
  const client = new MongoClient(uri, { ...CLIENT_OPTIONS, runtimeAdapters: { os } });
  try {
    const db = client.db();
    await migrate(db);
    await publishCourse(db, COURSE);
    const passwordHash = await hashPassword(PASSWORD);
    const accounts = [READER, SIGNING_IN].map((email) => account(email, passwordHash));
    await unscopedCollection(db, COLLECTIONS.users).insertMany(accounts);
  } finally {
    await client.close();
  }
  Object.assign(process.env, variables, {
    MONGODB_URI: uri,
    API_URL: 'https://api.example.com/v1',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
  const { accessToken } = (await signIn(READER, PASSWORD, freshNetwork())).tokens;
  const feedToken = await openFeed(accessToken);
  await closeDatabase();

  const lesson = { courseId: COURSE.id, lessonId: lessonWithRecording() };
  return [
    request('auth', { key: 'GET /auth/me', accessToken }),
    request('auth', { key: 'GET /.well-known/jwks.json' }),
    request('auth', { key: 'PATCH /auth/me', kind: 'write', accessToken, body: () => ({ name: 'Ada Moore' }) }),
    request('auth', {
      key: 'POST /auth/login',
      kind: 'hash',
      body: () => ({ email: SIGNING_IN, password: PASSWORD }),
      sourceIp: freshNetwork,
    }),
    request('auth', {
      key: 'POST /auth/register',
      kind: 'hash',
      body: () => ({ email: `${randomUUID()}@example.com`, password: PASSWORD, name: 'Ada Moore' }),
      sourceIp: freshNetwork,
    }),
    {
      ...request('authorizer', { key: 'GET /courses/{courseId}/lessons/{lessonId}', path: lesson, accessToken }),
      key: 'a guarded lesson',
    },
    request('courses', { key: 'GET /courses/{courseId}', path: { courseId: COURSE.id } }),
    request('media-url', {
      key: 'GET /courses/{courseId}/lessons/{lessonId}/media-url',
      path: lesson,
      accessToken,
    }),
    request('podcast', { key: 'GET /feeds/{feedToken}', path: { feedToken } }),
    request('podcast', { key: 'HEAD /feeds/{feedToken}', path: { feedToken } }),
    request('progress', {
      key: 'PUT /progress/{courseId}/lessons/{lessonId}',
      kind: 'write',
      path: lesson,
      accessToken,
      body: () => ({ eventId: randomUUID(), occurredAt: new Date().toISOString(), position: 12.5 }),
    }),
    // After a write, without which there would be no progress.
    request('progress', { key: 'GET /progress/{courseId}', path: { courseId: COURSE.id }, accessToken }),
  ];
}

function lessonWithRecording(): string {
  const lessons = COURSE.modules.flatMap((module) => module.lessons);
  const found = lessons.find((lesson) => lesson.kind !== 'article' && !lesson.preview);
  if (found === undefined) throw new Error('The course of the bench has no recording');
  return found.id;
}

async function openFeed(accessToken: string): Promise<string> {
  const event = eventOf({ key: 'POST /courses/{courseId}/feed', path: { courseId: COURSE.id }, accessToken });
  const { statusCode, body } = await podcast(JSON.parse(event));
  const url = /"([^"]*\/feeds\/[^"]*)"/.exec(body)?.[1];
  if (url === undefined) throw new Error(`No feed was opened: ${statusCode} ${body}`);
  return url.slice(url.lastIndexOf('/') + 1);
}

function request(functionName: string, parts: EventParts): FirstRequest {
  const { key, kind = 'read' } = parts;
  return { functionName, key, kind, nextEvent: () => eventOf(parts) };
}

function eventOf({ key, path = {}, accessToken, body, sourceIp = () => '203.0.113.7' }: EventParts): string {
  const [httpMethod = '', resource = ''] = key.split(' ');
  const filled = Object.entries(path).reduce((to, [name, value]) => to.replace(`{${name}}`, value), resource);
  return JSON.stringify({
    type: 'REQUEST',
    methodArn: `arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/v1/${httpMethod}${filled}`,
    resource,
    path: filled,
    httpMethod,
    ...requestHeaders(accessToken),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: path,
    stageVariables: null,
    body: body === undefined ? null : JSON.stringify(body()),
    isBase64Encoded: false,
    requestContext: { requestId: 'bench', identity: { sourceIp: sourceIp() }, path: `/v1${filled}`, stage: 'v1' },
  });
}
