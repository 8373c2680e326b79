import { contract } from '../../functions/courses/contract.ts';
import { handler } from '../../functions/courses/handler.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { assetReference } from '../../shared/assets.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { buildArticle, buildCourseSource, buildRecording } from '../support/builders/course-source.ts';
import { useDatabase } from '../support/database/database.ts';
import { commandsOf, type ExecutedPlan, explain, monitored } from '../support/database/queries.ts';
import { callerOf } from '../support/functions/call.ts';
import { MEDIA_URL } from '../support/keys/media-keys.ts';
import { SECRETS } from '../support/keys/secrets.ts';

const database = useDatabase();
const call = callerOf(handler, contract);

const list = (query: Record<string, string> = {}) => call('GET /courses', { query });
const ids = (answer: Awaited<ReturnType<typeof list>>) => answer.body.items.map((course: { id: string }) => course.id);

/** Published in this order, a minute apart. */
const COURSES = [
  buildCourseSource({ id: 'alpha', title: 'Écrire', language: 'fr', topics: ['writing'], level: 'beginner' }),
  buildCourseSource({
    id: 'beta',
    title: 'Better sound',
    summary: 'What a microphone hears.',
    language: 'en-GB',
    topics: ['sound', 'writing'],
    level: 'advanced',
    lessons: [buildRecording(), buildArticle({ preview: true })],
    access: 'members',
    image: assetReference('courses/beta/47a70a09183ebbb936af906ea1395565.png'),
  }),
  buildCourseSource({
    id: 'gamma',
    title: 'charts',
    summary: 'A microphone is not needed.',
    topics: ['data-visualisation'],
    level: 'intermediate',
    lessons: [buildRecording({ kind: 'video', id: 'axes', title: 'Axes' })],
    access: 'restricted',
  }),
  buildCourseSource({ id: 'delta', title: 'Écrire encore', topics: ['writing', 'sound'], level: 'beginner' }),
];

beforeAll(async () => {
  process.env['MONGODB_URI'] = monitored(database.uri());
  Object.assign(process.env, SECRETS, { MEDIA_BASE_URL: MEDIA_URL });
  await migrate(database.db());
  for (const [index, course] of COURSES.entries()) {
    await publishCourse(database.db(), course, { now: () => new Date(Date.UTC(2026, 0, 1, 0, index)) });
  }
});
afterAll(() => closeDatabase());

describe('the catalog', () => {
  it('lists the newest course first, as summaries without outlines', async () => {
    const answer = await list();
    expect(ids(answer)).toEqual(['delta', 'gamma', 'beta', 'alpha']);
    expect(answer.body.items[2]).toMatchObject({
      id: 'beta',
      formats: ['article', 'audio'],
      access: 'members',
      image: 'https://media.example.com/courses/beta/47a70a09183ebbb936af906ea1395565.png',
      lessonCount: 2,
      durationSeconds: 151.3,
      publishedAt: '2026-01-01T00:01:00.000Z',
    });
    expect(answer.body.items[2]).not.toHaveProperty('modules');
  });

  it('sorts by title, ignoring case and accents', async () => {
    expect(ids(await list({ sort: 'title' }))).toEqual(['beta', 'gamma', 'alpha', 'delta']);
  });

  it.each([
    [{ language: 'en' }, ['delta', 'gamma', 'beta']],
    [{ language: 'EN-gb' }, ['beta']],
    [{ topic: 'sound' }, ['delta', 'beta']],
    [{ format: 'audio' }, ['beta']],
    [{ level: 'beginner' }, ['delta', 'alpha']],
    [{ topic: 'writing', level: 'beginner', language: 'en', format: 'article' }, ['delta']],
    [{ topic: 'nothing-like-it' }, []],
  ])('filters by %j', async (query, expected) => {
    expect(ids(await list(query))).toEqual(expected);
  });

  it.each([
    ['microphone', ['gamma', 'beta']],
    ['MICROPHONE hears', ['beta']],
    ['ecrire', ['delta', 'alpha']],
    ['data-visualisation', ['gamma']],
    ['writing sound', ['delta', 'beta']],
    ['micro', []],
    ['!?', []],
    ['$where', []],
  ])('searches title, summary and topics for %p', async (q, expected) => {
    expect(ids(await list({ q }))).toEqual(expected);
  });

  it('combines search, filter and order', async () => {
    expect(ids(await list({ q: 'microphone', format: 'video' }))).toEqual(['gamma']);
    expect(ids(await list({ q: 'ecrire', sort: 'title', language: 'fr' }))).toEqual(['alpha']);
  });

  it.each([
    { sort: 'newest' },
    { sort: 'title' },
    { sort: 'newest', topic: 'writing' },
    { sort: 'title', q: 'writing' },
  ])('pages through %j without missing or repeating courses', async (query) => {
    const whole = ids(await list(query));
    const paged: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list({ ...query, limit: '1', ...(cursor && { cursor }) });
      paged.push(...ids(page));
      cursor = page.body.nextCursor;
    } while (cursor !== null);
    expect(paged).toEqual(whole);
  });

  it('rejects a cursor of another list, and points to it', async () => {
    const { body } = await list({ limit: '1', sort: 'title' });
    const answer = await list({ limit: '1', sort: 'newest', cursor: body.nextCursor });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request', errors: [{ pointer: '/cursor' }] } });
  });

  it.each<[string, Record<string, string>]>([
    ['/limit', { limit: '0' }],
    ['/limit', { limit: '101' }],
    ['/limit', { limit: '1.5' }],
    ['/sort', { sort: 'price' }],
    ['/language', { language: 'english language' }],
    ['/topic', { topic: '../../etc' }],
    ['/format', { format: 'pdf' }],
    ['/level', { level: '' }],
    ['/q', { q: '' }],
    ['/q', { q: 'x'.repeat(101) }],
    ['/cursor', { cursor: '%' }],
    ['/cursor', { cursor: 'AAAA' }],
  ])('rejects an invalid %s in %j', async (pointer, query) => {
    expect(await list(query)).toMatchObject({ status: 400, body: { errors: [{ in: 'query', pointer }] } });
  });
});

describe('a course', () => {
  it('has its summary and its outline', async () => {
    const { body } = await call('GET /courses/{courseId}', { path: { courseId: 'beta' } });
    expect(body).toMatchObject({
      id: 'beta',
      revision: 1,
      image: 'https://media.example.com/courses/beta/47a70a09183ebbb936af906ea1395565.png',
    });
    expect(body.modules).toMatchObject([
      {
        id: 'basics',
        lessons: [
          { id: 'what-is-sound', kind: 'audio', durationSeconds: 151.3, sizeBytes: 1_210_400, preview: false },
          { id: 'say-one-thing', kind: 'article', durationSeconds: null, wordCount: 5, preview: true },
        ],
      },
    ]);
  });

  it.each([
    ['unknown', 404, 'not-found'],
    ['Not A Slug', 400, 'invalid-request'],
    ['x'.repeat(65), 400, 'invalid-request'],
  ])('with the id %p is answered with %d %s', async (courseId, status, code) => {
    expect(await call('GET /courses/{courseId}', { path: { courseId } })).toMatchObject({ status, body: { code } });
  });
});

describe('a preview', () => {
  const preview = (courseId: string, lessonId: string) =>
    call('GET /courses/{courseId}/previews/{lessonId}', { path: { courseId, lessonId } });

  it('has the text of the lesson, its neighbours and its place', async () => {
    expect((await preview('beta', 'say-one-thing')).body).toMatchObject({
      courseId: 'beta',
      courseRevision: 1,
      markdown: 'A lesson says *one* thing.',
      html: expect.stringContaining('<em>one</em>'),
      transcript: null,
      captions: [],
      previous: { id: 'what-is-sound', title: 'What is sound?' },
      next: null,
    });
  });

  it('is available for every lesson of a public course', async () => {
    expect((await preview('alpha', 'say-one-thing')).status).toBe(200);
  });

  it.each([
    ['a members’ lesson without a preview', 'beta', 'what-is-sound'],
    ['an unknown lesson', 'beta', 'unknown'],
    ['an unknown course', 'unknown', 'say-one-thing'],
  ])('of %s is not found, in the same words', async (_, courseId, lessonId) => {
    expect(await preview(courseId, lessonId)).toMatchObject({
      status: 404,
      body: { code: 'not-found', detail: 'There is no such lesson to preview.' },
    });
  });
});

describe('a lesson, behind the authorizer', () => {
  const lesson = (courseId: string, lessonId: string, authorizer?: Record<string, string>) =>
    call('GET /courses/{courseId}/lessons/{lessonId}', {
      path: { courseId, lessonId },
      ...(authorizer && { authorizer }),
    });

  it.each([
    ['for members', 'beta', 'what-is-sound'],
    ['of a restricted course', 'gamma', 'axes'],
    ['of a public course', 'alpha', 'say-one-thing'],
  ])('%s has its text', async (_, courseId, lessonId) => {
    const answer = await lesson(courseId, lessonId, { principalId: 'ada' });
    expect(answer).toMatchObject({ status: 200, body: { id: lessonId, courseId, html: expect.any(String) } });
  });

  it('is the same for every authorized reader, because the cache is shared', async () => {
    const [ada, grace] = [
      await lesson('beta', 'what-is-sound', { principalId: 'ada', roles: 'learner' }),
      await lesson('beta', 'what-is-sound', { principalId: 'grace', roles: 'learner admin' }),
    ];
    expect(grace).toEqual(ada);
  });

  it('can be cached by the reader’s device, and not by proxies', async () => {
    const answer = await lesson('beta', 'what-is-sound', { principalId: 'ada' });
    expect(answer.headers).toMatchObject({ 'Cache-Control': 'private, max-age=60' });
    const preview = await call('GET /courses/{courseId}/previews/{lessonId}', {
      path: { courseId: 'beta', lessonId: 'say-one-thing' },
    });
    expect(preview.headers).toMatchObject({ 'Cache-Control': 'public, max-age=60' });
  });

  it('is refused without the authorizer', async () => {
    expect(await lesson('alpha', 'say-one-thing')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('is not found if the course has no such lesson', async () => {
    expect(await lesson('beta', 'unknown', { principalId: 'ada' })).toMatchObject({
      status: 404,
      body: { code: 'not-found', detail: 'There is no such lesson.' },
    });
  });
});

describe('the database', () => {
  /** Enough other courses to reveal a plan that reads too much. */
  beforeAll(async () => {
    const courses = database.db().collection<{ _id: string }>('courses');
    const [template] = await courses.find({ _id: 'beta' }).toArray();
    const { catalog } = template as unknown as { catalog: Record<string, unknown> };
    await courses.insertMany(
      Array.from({ length: 2000 }, (_, index) => {
        const position = `${String(index).padStart(6, '0')}\nfiller-${index}`;
        return { ...template, _id: `filler-${index}`, catalog: { ...catalog, byNewest: position, byTitle: position } };
      }),
    );
  });
  afterAll(() =>
    database
      .db()
      .collection('courses')
      .deleteMany({ _id: /^filler-/ as never }),
  );

  /** Expects a call to send one command, and returns its executed plan. */
  async function onlyPlanOf(...request: Parameters<typeof call>): Promise<ExecutedPlan> {
    const commands = await commandsOf(() => call(...request));
    expect(commands).toHaveLength(1);
    const [command = {}] = commands;
    return explain(database.db(), command);
  }

  it.each<[Record<string, string>, string]>([
    [{}, 'keys_newest'],
    [{ sort: 'title' }, 'keys_title'],
    [{ language: 'en', topic: 'writing', format: 'audio', level: 'advanced' }, 'keys_newest'],
    [{ topic: 'sound', sort: 'title' }, 'keys_title'],
    [{ q: 'microphone' }, 'terms_newest'],
    [{ q: 'sound', sort: 'title' }, 'terms_title'],
  ])('gets one command for the list %j, which reads only the page, by %s', async (query, index) => {
    const plan = await onlyPlanOf('GET /courses', { query: { ...query, limit: '10' } });
    expect(plan).toEqual({
      stages: expect.not.arrayContaining(['COLLSCAN', 'SORT']),
      indexes: [index],
      keysExamined: 11,
      docsExamined: 11,
      returned: 11,
    });
  });

  it('reads no more for a late page', async () => {
    let cursor: string | undefined;
    for (let page = 0; page < 20; page += 1) {
      const { body } = await list({ limit: '100', sort: 'title', ...(cursor && { cursor }) });
      cursor = body.nextCursor;
    }
    const plan = await onlyPlanOf('GET /courses', { query: { limit: '3', sort: 'title', cursor: String(cursor) } });
    expect(plan).toMatchObject({ indexes: ['keys_title'], keysExamined: 4, docsExamined: 4 });
  });

  it.each<[string, Record<string, string>]>([
    ['GET /courses/{courseId}', { courseId: 'beta' }],
    ['GET /courses/{courseId}/previews/{lessonId}', { courseId: 'beta', lessonId: 'say-one-thing' }],
    ['GET /courses/{courseId}/lessons/{lessonId}', { courseId: 'beta', lessonId: 'what-is-sound' }],
  ])('gets one command for %s, by _id', async (key, path) => {
    const plan = await onlyPlanOf(key, { path, authorizer: { principalId: 'ada' } });
    expect(plan).toMatchObject({ docsExamined: 1, returned: 1 });
    expect(plan.stages).not.toContain('COLLSCAN');
  });

  it('gets no command for a search without words', async () => {
    expect(await commandsOf(() => list({ q: '…' }))).toEqual([]);
  });
});
