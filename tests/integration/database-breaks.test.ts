import { randomUUID } from 'node:crypto';
import { handler as authorize } from '../../functions/authorizer/handler.ts';
import { contract as coursesContract } from '../../functions/courses/contract.ts';
import { handler as coursesHandler } from '../../functions/courses/handler.ts';
import { contract as mediaContract } from '../../functions/media-url/contract.ts';
import { handler as mediaHandler } from '../../functions/media-url/handler.ts';
import { contract as podcastContract } from '../../functions/podcast/contract.ts';
import { handler as podcastHandler } from '../../functions/podcast/handler.ts';
import { contract as progressContract } from '../../functions/progress/contract.ts';
import { handler as progressHandler } from '../../functions/progress/handler.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { buildEvent, buildLearnable } from '../support/builders/progress.ts';
import { authorizerEvent } from '../support/functions/api-event.ts';
import { PASSWORD, useAuth, useQuickPasswords } from '../support/functions/auth.ts';
import { type Answer, callerOf } from '../support/functions/call.ts';
import { MEDIA_URL, useMediaKey } from '../support/keys/media-keys.ts';
import { type Break, type DatabaseLine, openDatabaseLine, type Stage } from '../support/system/database-line.ts';

/* Breaks the connection to the database at every command of a request, at every stage of it. */

useQuickPasswords();
useMediaKey();
let line: DatabaseLine;
const auth = useAuth();

const progress = callerOf(progressHandler, progressContract);
const courses = callerOf(coursesHandler, coursesContract);
const media = callerOf(mediaHandler, mediaContract);
const podcast = callerOf(podcastHandler, podcastContract);

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

beforeAll(async () => {
  line = await openDatabaseLine();
  const { hostname, port, pathname } = new URL(auth.database.uri());
  expect(hostname).toBe('127.0.0.1');
  line.leadTo(Number(port));
  Object.assign(process.env, {
    MONGODB_URI: `mongodb://127.0.0.1:${line.port}${pathname}?directConnection=true&minHeartbeatFrequencyMS=10`,
    MEDIA_BASE_URL: MEDIA_URL,
  });
  await publishCourse(auth.database.db(), buildLearnable());
  process.on('unhandledRejection', note);
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  await closeDatabase();
  await line.close();
});

/** What a client sees. Of cached routes and of the authorizer too, which throw where others answer 503. */
type Seen = Pick<Answer, 'status'> & Partial<Answer>;
type Request = () => Promise<Seen>;

interface Learner {
  readonly email: string;
  readonly tokens: { readonly accessToken: string; readonly refreshToken: string };
}

async function newLearner(): Promise<Learner> {
  const email = `${randomUUID()}@example.com`;
  const { status, body } = await auth.register({ email });
  expect(status).toBe(201);
  return { email, tokens: body.tokens };
}

async function thrown(request: Promise<Seen>): Promise<Seen> {
  try {
    return await request;
  } catch (error) {
    return { status: 503, headers: { 'Retry-After': '2' }, body: { code: (error as Error).message } };
  }
}

const path = { courseId: 'sound' };
const lessonPath = { ...path, lessonId: 'one' };
const headers = ({ tokens }: Learner) => ({ Authorization: `Bearer ${tokens.accessToken}` });
const json = (learner: Learner, body: unknown) => ({
  headers: { ...headers(learner), 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});
const events = (count: number) => Array.from({ length: count }, () => buildEvent({ position: 1 }));

/** A request of a new learner, by its route. */
const REQUESTS: Readonly<Record<string, (learner: Learner) => Request>> = {
  'GET /courses': () => () => thrown(courses('GET /courses')),
  'GET /courses/{courseId}/lessons/{lessonId} (authorizer)': (learner) => () =>
    thrown(authorize(authorizerEvent(lessonPath, headers(learner))).then(() => ({ status: 200 }))),
  'GET /courses/{courseId}/lessons/{lessonId}/media-url': (learner) => () =>
    media('GET /courses/{courseId}/lessons/{lessonId}/media-url', { path: lessonPath, headers: headers(learner) }),
  'POST /courses/{courseId}/feed': (learner) => () =>
    podcast('POST /courses/{courseId}/feed', { path, headers: headers(learner) }),
  'PUT /progress/{courseId}/lessons/{lessonId}': (learner) => () => {
    const { courseId: _, lessonId: __, ...event } = buildEvent({ position: 1 });
    return progress('PUT /progress/{courseId}/lessons/{lessonId}', { ...json(learner, event), path: lessonPath });
  },
  'POST /progress/sync': (learner) => () =>
    progress('POST /progress/sync', json(learner, { sentAt: new Date().toISOString(), events: events(500) })),
  'GET /progress': (learner) => () => progress('GET /progress', { headers: headers(learner) }),
  'POST /auth/register': () => () => auth.register({ email: `${randomUUID()}@example.com` }),
  'POST /auth/login':
    ({ email }) =>
    () =>
      auth.login({ email }),
  'POST /auth/refresh':
    ({ tokens }) =>
    () =>
      auth.refresh(tokens.refreshToken),
  'POST /auth/logout-all': (learner) => () => auth.call('POST /auth/logout-all', { headers: headers(learner) }),
  'POST /auth/password': (learner) => () =>
    auth.call('POST /auth/password', json(learner, { currentPassword: PASSWORD, newPassword: 'six geese a-laying' })),
  'GET /auth/me/export': (learner) => () => auth.call('GET /auth/me/export', { headers: headers(learner) }),
  'DELETE /auth/me': (learner) => () => auth.call('DELETE /auth/me', json(learner, { password: PASSWORD })),
};

const OF_A_CONNECTION: readonly Stage[] = [
  'before the command',
  'on connecting',
  'within the handshake',
  'after the handshake',
];
const OF_A_COMMAND: readonly Stage[] = [
  'within the command',
  'before the reply',
  'within the reply',
  'after the reply',
];
const WAYS = [
  { by: 'FIN', all: false },
  { by: 'RST', all: false },
  { by: 'RST', all: true },
] as const;

/** Every break of a request that sends this many commands. */
function breaksOf(commands: number): readonly Break[] {
  const points = [
    ...OF_A_CONNECTION.map((stage) => ({ stage })),
    ...Array.from({ length: commands }, (_, command) => OF_A_COMMAND.map((stage) => ({ stage, command }))).flat(),
  ];
  return points.flatMap((point) => WAYS.map((way) => ({ ...point, ...way })));
}

async function commandsOf(request: Request): Promise<number> {
  const before = line.commands();
  expect((await request()).status).toBeLessThan(300);
  return line.commands() - before;
}

const isUnavailable = ({ status, headers: answered, body }: Seen) =>
  status === 503 && body.code === 'unavailable' && answered?.['Retry-After'] === '2';

const read = () => thrown(courses('GET /courses'));

describe('a request whose database connection breaks', () => {
  it.each(Object.entries(REQUESTS))(
    'at any stage of any command succeeds or is unavailable, and can be repeated at once: %s',
    async (route, requestOf) => {
      let learner = await newLearner();
      // After a break, the first request may repeat commands.
      expect((await read()).status).toBe(200);
      const commands = await commandsOf(requestOf(learner));
      expect(commands).toBeGreaterThan(0);

      const unexpected: unknown[] = [];
      for (const point of breaksOf(commands)) {
        await collection(auth.database.db(), COLLECTIONS.rateLimits).deleteMany({});
        if (!route.startsWith('GET ')) learner = await newLearner();
        const request = requestOf(learner);
        const hasBroken = line.breakAt(point);
        const seen = await request();
        if (!hasBroken()) unexpected.push({ point, seen: 'nothing broke' });
        if (isUnavailable(seen)) {
          const again = await request();
          // Refusals too: the first may have been carried out.
          if (again.status >= 500) unexpected.push({ point, again });
        } else if (seen.status >= 300) unexpected.push({ point, seen });
        const next = await read();
        if (next.status !== 200) unexpected.push({ point, next });
      }
      expect(unexpected).toEqual([]);
      expect(unhandled).toEqual([]);
    },
    180_000,
  );

  it.each(['before the reply', 'within the reply'] as const)(
    'by falling silent %s is unavailable, and can be repeated at once',
    async (stage) => {
      const learner = await newLearner();
      for (const route of ['GET /progress', 'PUT /progress/{courseId}/lessons/{lessonId}'] as const) {
        const request = (REQUESTS[route] as (typeof REQUESTS)[string])(learner);
        line.breakAt({ stage, by: 'silence' });
        expect(isUnavailable(await request())).toBe(true);
        expect(await request()).toMatchObject({ status: 200 });
      }
    },
  );

  it('by falling silent together with all others is unavailable, until those are given up', async () => {
    line.breakAt({ stage: 'before the command', by: 'silence' });
    let seen = await read();
    expect(isUnavailable(seen)).toBe(true);
    while (isUnavailable(seen)) seen = await read();
    expect(seen).toMatchObject({ status: 200 });
  });
});

describe('a function whose database is out of reach', () => {
  it.each(['when it starts', 'later'])('%s is unavailable, and works as soon as the database is back', async (when) => {
    const learner = await newLearner();
    const requests = Object.values(REQUESTS).map((requestOf) => requestOf(learner));
    if (when === 'when it starts') await closeDatabase();
    await line.refuse();
    for (const seen of await Promise.all(requests.map((request) => request()))) expect(isUnavailable(seen)).toBe(true);
    expect(isUnavailable(await read())).toBe(true);
    await line.accept();
    expect(await read()).toMatchObject({ status: 200 });
    expect(unhandled).toEqual([]);
  });
});
