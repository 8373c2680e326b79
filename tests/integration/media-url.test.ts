import { contract } from '../../functions/media-url/contract.ts';
import { handler } from '../../functions/media-url/handler.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { COLLECTIONS, collection, type Recording } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant, buildSession, buildUser } from '../support/builders/account.ts';
import { buildArticle, buildCourseSource, buildRecording } from '../support/builders/course-source.ts';
import { useDatabase } from '../support/database/database.ts';
import { commandsOf, explain, monitored } from '../support/database/queries.ts';
import { callerOf } from '../support/functions/call.ts';
import { useLogs } from '../support/jest/logs.ts';
import { describeWith } from '../support/jest/programs.ts';
import { buildToken, useAccessTokens } from '../support/keys/access-tokens.ts';
import { MEDIA_URL, useMediaKey } from '../support/keys/media-keys.ts';
import { servedUntil } from '../support/media/cloudfront-policy.ts';

useAccessTokens();
useMediaKey();
const database = useDatabase();
const logs = useLogs();
const call = callerOf(handler, contract);

const SHA = '0f'.repeat(32);
const FOLDER = `media/members/${SHA.slice(0, 32)}/`;
const STREAM = {
  key: `${FOLDER}master.m3u8`,
  contentType: 'application/vnd.apple.mpegurl',
  sizeBytes: 5_000_000,
  sha256: SHA,
};
const { file } = buildRecording().recording;
const asStream = (overrides: Partial<Recording> = {}) => ({
  recording: { ...buildRecording().recording, file: null, stream: STREAM, ...overrides },
});

const LESSONS = [
  buildRecording({ id: 'sound', durationSeconds: 151.3 }),
  buildRecording({ id: 'trailer', durationSeconds: 20, preview: true }),
  buildRecording({ id: 'film', kind: 'video', durationSeconds: 3600, ...asStream() }),
  buildRecording({ id: 'both', kind: 'video', durationSeconds: 60, ...asStream({ file }) }),
  buildRecording({ id: 'long', durationSeconds: 20 * 3600 }),
  buildArticle({ id: 'text' }),
];

const headers = () => ({ Authorization: `Bearer ${buildToken()}` });
type Query = Readonly<Record<string, string>>;
const ask = (courseId: string, lessonId = 'sound', query: Query = {}) =>
  call('GET /courses/{courseId}/lessons/{lessonId}/media-url', {
    ...{ path: { courseId, lessonId }, query, headers: headers() },
  });
const preview = (courseId: string, lessonId = 'sound', query: Query = {}) =>
  call('GET /courses/{courseId}/previews/{lessonId}/media-url', { path: { courseId, lessonId }, query });
const askMany = (courseId: string, body: unknown) =>
  call('POST /courses/{courseId}/media-urls', {
    path: { courseId },
    headers: { ...headers(), 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

const users = () => unscopedCollection(database.db(), COLLECTIONS.users);
const sessions = () => unscopedCollection(database.db(), COLLECTIONS.sessions);
const grants = () => unscopedCollection(database.db(), COLLECTIONS.grants);
const courses = () => collection(database.db(), COLLECTIONS.courses);

beforeAll(async () => {
  process.env['MONGODB_URI'] = monitored(database.uri());
  await migrate(database.db());
  for (const access of ['public', 'members', 'restricted'] as const) {
    await publishCourse(database.db(), buildCourseSource({ id: access, title: access, access, lessons: LESSONS }));
  }
  await publishCourse(database.db(), buildCourseSource({ id: 'withdrawn', title: 'Withdrawn', lessons: LESSONS }));
  await courses().updateOne({ _id: 'withdrawn' }, { $set: { published: null }, $unset: { catalog: 1 } });
});
beforeEach(async () => {
  await Promise.all([users(), sessions(), grants()].map((documents) => documents.deleteMany({})));
  await users().insertOne(buildUser());
  await sessions().insertOne(buildSession());
});
afterAll(() => closeDatabase());

const secondsLeft = (time: string) => (Date.parse(time) - Date.now()) / 1000;

describe('a playback grant', () => {
  it('of a file has its signed link, its format, and the download', async () => {
    const { status, headers: sent, body } = await ask('members');
    expect(status).toBe(200);
    expect(sent['Cache-Control']).toBe('no-store');
    expect(body).toMatchObject({
      ...{ kind: 'progressive', contentType: 'audio/mpeg', durationSeconds: 151.3 },
      ...{ captions: [], transcript: null, chapters: null },
      download: { url: body.url, contentType: 'audio/mpeg', sizeBytes: 1_210_400, sha256: file?.sha256 },
    });
    expect(new URL(body.url).pathname).toBe(`/${file?.key}`);
    expect(body.cookies).toBeUndefined();
  });

  it('of a stream opens only its folder, by cookies and by a query', async () => {
    const { body } = await ask('members', 'film');
    expect(body).toMatchObject({ kind: 'hls', url: `${MEDIA_URL}/${STREAM.key}`, contentType: STREAM.contentType });
    expect(body.download).toBeUndefined();
    const names = ['Policy', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'];
    expect(body.cookies.map(({ name }: { name: string }) => name)).toEqual(names.map((name) => `CloudFront-${name}`));
    for (const { domain, path, secure, sameSite } of body.cookies) {
      expect([domain, path, secure, sameSite]).toEqual(['media.example.com', `/${FOLDER}`, true, 'Lax']);
    }
    expect([...new URLSearchParams(body.query).keys()]).toEqual(names);
  });

  it('sets cookies for the parent domain if that is configured', async () => {
    process.env['MEDIA_COOKIE_DOMAIN'] = 'example.com';
    const { body } = await ask('members', 'film');
    delete process.env['MEDIA_COOKIE_DOMAIN'];
    expect(body.cookies[0].domain).toBe('example.com');
  });

  it('has both if there is a stream and a file', async () => {
    expect((await ask('members', 'both')).body).toMatchObject({ kind: 'hls', download: { sizeBytes: 1_210_400 } });
  });

  it.each([
    ['trailer', 20 + 900],
    ['film', 3600 + 900],
    ['long', 12 * 3600],
  ])('of the lesson %s lasts for its duration plus 15 minutes, at most 12 hours: %i s', async (lessonId, seconds) => {
    const { body } = await ask('members', lessonId);
    expect(Math.abs(secondsLeft(body.expiresAt) - seconds)).toBeLessThan(60);
    expect(Math.abs(secondsLeft(body.refreshAfter) - 0.75 * seconds)).toBeLessThan(60);
  });

  it('of a restricted course ends with the access grant, but not for a preview or an admin', async () => {
    const expiresAt = new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000);
    await grants().insertOne(buildGrant('restricted', { expiresAt }));
    expect((await ask('restricted', 'film')).body.expiresAt).toBe(expiresAt.toISOString());
    const { body } = await askMany('restricted', { lessonIds: ['film', 'trailer'] });
    const [film, trailer] = body.results;
    expect(film.grant.expiresAt).toBe(expiresAt.toISOString());
    expect(secondsLeft(trailer.grant.expiresAt)).toBeGreaterThan(3600);
    await users().updateOne({}, { $set: { roles: ['learner', 'admin'] } });
    expect(secondsLeft((await ask('restricted', 'film')).body.expiresAt)).toBeGreaterThan(3600);
  });

  it('has the URLs of captions, transcript and chapters', async () => {
    const reference = (extension: string) => `lectern-asset:courses/notes/${'ab'.repeat(16)}.${extension}`;
    const recording = {
      ...buildRecording().recording,
      transcriptFile: reference('txt'),
      chaptersFile: reference('json'),
    };
    const captions = [{ language: 'en', label: 'English', url: reference('vtt') }];
    const lesson = buildRecording({ id: 'sound', recording, captions, transcript: 'Clap.' });
    await publishCourse(database.db(), buildCourseSource({ id: 'notes', title: 'Notes', lessons: [lesson] }));
    const address = (extension: string) => `${MEDIA_URL}/courses/notes/${'ab'.repeat(16)}.${extension}`;
    expect((await ask('notes')).body).toMatchObject({
      captions: [{ language: 'en', label: 'English', url: address('vtt') }],
      transcript: { url: address('txt'), contentType: 'text/plain' },
      chapters: { url: address('json'), contentType: 'application/json+chapters' },
    });
  });
});

describe('a grant for a download', () => {
  const download = { purpose: 'download' };
  const TWELVE_HOURS = 12 * 3600;

  const expectTwelveHours = ({ expiresAt, refreshAfter, expiresIn }: Record<string, string>) => {
    expect(Math.abs(secondsLeft(String(expiresAt)) - TWELVE_HOURS)).toBeLessThan(60);
    expect(Math.abs(secondsLeft(String(refreshAfter)) - 9 * 3600)).toBeLessThan(60);
    expect(expiresIn).toBe(TWELVE_HOURS);
  };

  it.each([
    ['a file', 'sound'],
    ['a stream', 'film'],
    ['a stream with a file', 'both'],
    ['a recording of 20 hours', 'long'],
  ])('lasts 12 hours for %s, whatever its duration', async (_, lessonId) => {
    const { status, body } = await ask('members', lessonId, download);
    expect(status).toBe(200);
    expectTwelveHours(body);
  });

  it('lasts 12 hours for each lesson of a batch, and for a preview without an account', async () => {
    const { body } = await askMany('members', { lessonIds: ['sound', 'film'], ...download });
    for (const { grant } of body.results) expectTwelveHours(grant);
    expectTwelveHours((await preview('restricted', 'trailer', download)).body);
  });

  it('ends with the access grant if that is sooner', async () => {
    const expiresAt = new Date(Math.floor(Date.now() / 1000) * 1000 + 3600_000);
    await grants().insertOne(buildGrant('restricted', { expiresAt }));
    expect((await ask('restricted', 'film', download)).body.expiresAt).toBe(expiresAt.toISOString());
    const { body } = await askMany('restricted', { lessonIds: ['film'], ...download });
    expect(body.results[0].grant.expiresAt).toBe(expiresAt.toISOString());
  });

  it('is refused to those who may not play the lesson', async () => {
    expect((await ask('restricted', 'film', download)).status).toBe(403);
    expect((await preview('members', 'sound', download)).status).toBe(404);
  });

  it('is the only other purpose than playback, which is the default', async () => {
    const { body: byDefault } = await ask('members', 'sound');
    const { body: forPlayback } = await ask('members', 'sound', { purpose: 'playback' });
    expect(forPlayback.expiresIn).toBe(byDefault.expiresIn);
    for (const answer of [
      await ask('members', 'sound', { purpose: 'forever' }),
      await preview('public', 'sound', { purpose: '' }),
      await askMany('members', { lessonIds: ['sound'], purpose: 'forever' }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid-request']);
    }
  });
});

describe('who gets a grant', () => {
  const YESTERDAY = new Date(Date.now() - 24 * 3600 * 1000);
  const TOMORROW = new Date(Date.now() + 24 * 3600 * 1000);

  /** Prepares the caller before the request. */
  const PRINCIPALS = {
    learner: async () => undefined,
    'learner with a grant': () => grants().insertOne(buildGrant('restricted')),
    'learner with a grant until tomorrow': () => grants().insertOne(buildGrant('restricted', { expiresAt: TOMORROW })),
    'learner whose grant has expired': () => grants().insertOne(buildGrant('restricted', { expiresAt: YESTERDAY })),
    'learner with a grant for another course': () => grants().insertOne(buildGrant('members')),
    'learner with a grant of somebody else': () => grants().insertOne(buildGrant('restricted', { userId: 'somebody' })),
    'learner whose grant was removed': async () => {
      await grants().insertOne(buildGrant('restricted'));
      await ask('restricted');
      await grants().deleteMany({});
    },
    author: () => users().updateOne({}, { $set: { roles: ['learner', 'author'] } }),
    admin: () => users().updateOne({}, { $set: { roles: ['learner', 'admin'] } }),
  } as const;
  type Who = keyof typeof PRINCIPALS;
  const READS_RESTRICTED: readonly Who[] = ['learner with a grant', 'learner with a grant until tomorrow', 'admin'];

  const cases = Object.keys(PRINCIPALS).flatMap((who) =>
    (['public', 'members', 'restricted', 'withdrawn'] as const).flatMap((courseId) =>
      ['sound', 'trailer', 'film', 'text', 'none'].map((lessonId) => [who as Who, courseId, lessonId] as const),
    ),
  );

  it.each(cases)('%s, course %s, lesson %s', async (who, courseId, lessonId) => {
    await PRINCIPALS[who]();
    const { status, body } = await ask(courseId, lessonId);
    const mayRead = courseId === 'public' || courseId === 'members' || READS_RESTRICTED.includes(who);
    if (courseId === 'withdrawn') expect([status, body.code]).toEqual([404, 'not-found']);
    else if (!mayRead && lessonId !== 'trailer') expect([status, body.code]).toEqual([403, 'forbidden']);
    else if (lessonId === 'text' || lessonId === 'none') expect([status, body.code]).toEqual([404, 'not-found']);
    else expect(status).toBe(200);
    if (status !== 200) expect(JSON.stringify(body)).not.toMatch(/Signature|CloudFront|media\//);
  });

  it.each([
    ['public', 'sound', 200],
    ['public', 'text', 404],
    ['members', 'sound', 404],
    ['members', 'trailer', 200],
    ['restricted', 'sound', 404],
    ['restricted', 'trailer', 200],
    ['restricted', 'none', 404],
    ['withdrawn', 'sound', 404],
    ['none', 'sound', 404],
  ])('caller without an account, course %s, lesson %s: %i', async (courseId, lessonId, expected) => {
    expect((await preview(courseId, lessonId)).status).toBe(expected);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['was deleted', () => sessions().deleteMany({})],
    ['has expired', () => sessions().updateOne({}, { $set: { expiresAt: YESTERDAY } })],
    ['belongs to a deleted account', () => users().deleteMany({})],
    ['was ended with all others of the account', () => users().updateOne({}, { $set: { tokenEpoch: 1 } })],
  ])('no caller whose session %s, even with a valid token', async (_, change) => {
    await change();
    for (const answer of [await ask('public'), await askMany('public', { lessonIds: ['sound'] })]) {
      expect([answer.status, answer.body.code]).toEqual([401, 'invalid-token']);
    }
  });

  it('no caller without a token', async () => {
    const path = { courseId: 'public', lessonId: 'sound' };
    const { status, body } = await call('GET /courses/{courseId}/lessons/{lessonId}/media-url', { path });
    expect([status, body.code]).toEqual([401, 'missing-token']);
  });
});

describe('a batch of grants', () => {
  it('has a result for each lesson in order, whatever is wrong with some', async () => {
    const lessonIds = ['sound', 'text', 'none', 'Not A Slug', 7, 'film', 'sound'];
    const { status, body } = await askMany('members', { lessonIds });
    expect(status).toBe(200);
    expect(
      body.results.map(({ lessonId, grant, problem }: Record<string, { kind?: string; code?: string }>) => [
        lessonId,
        grant?.kind ?? problem?.code,
      ]),
    ).toEqual([
      ['sound', 'progressive'],
      ['text', 'not-found'],
      ['none', 'not-found'],
      ['Not A Slug', 'invalid-request'],
      [null, 'invalid-request'],
      ['film', 'hls'],
      ['sound', 'progressive'],
    ]);
  });

  it('lasts for all lessons together, at most 12 hours', async () => {
    const { body } = await askMany('members', { lessonIds: ['sound', 'film', 'text'] });
    const ends = body.results.flatMap(({ grant }: { grant?: { expiresAt: string } }) => grant?.expiresAt ?? []);
    expect(new Set(ends).size).toBe(1);
    expect(Math.abs(secondsLeft(ends[0]) - (152 + 3600 + 900))).toBeLessThan(60);
    const long = await askMany('members', { lessonIds: ['long', 'film'] });
    expect(secondsLeft(long.body.results[1].grant.expiresAt)).toBeLessThanOrEqual(12 * 3600);
  });

  it('is refused lesson by lesson in a course without access, except for previews', async () => {
    const { body } = await askMany('restricted', { lessonIds: ['sound', 'trailer', 'none'] });
    expect(body.results).toMatchObject([
      { problem: { code: 'forbidden' } },
      { grant: { kind: 'progressive' } },
      { problem: { code: 'forbidden' } },
    ]);
  });

  it('is not found for an unknown course', async () => {
    for (const courseId of ['none', 'withdrawn']) {
      expect((await askMany(courseId, { lessonIds: ['sound'] })).status).toBe(404);
    }
  });

  it.each<[string, unknown]>([
    ['no lessons', { lessonIds: [] }],
    ['201 lessons', { lessonIds: Array.from({ length: 201 }, (_, index) => `l-${index}`) }],
    ['no list', { lessonIds: 'sound' }],
    ['an unknown member', { lessonIds: ['sound'], force: true }],
  ])('is rejected as a whole: %s', async (_, body) => {
    expect((await askMany('members', body)).body).toMatchObject({ status: 400, code: 'invalid-request' });
  });
});

describe('the database', () => {
  it('gets one command that uses indexes, for one lesson and for 200', async () => {
    const many = Array.from({ length: 200 }, (_, index) => buildRecording({ id: `l-${index}` }));
    await publishCourse(database.db(), buildCourseSource({ id: 'large', title: 'Large', lessons: many }));
    const lessonIds = many.map(({ id }) => id);
    for (const work of [
      () => ask('large', 'l-0'),
      () => preview('large', 'l-0'),
      () => askMany('large', { lessonIds }),
    ]) {
      const commands = await commandsOf(work);
      expect(commands.map(({ aggregate }) => aggregate)).toHaveLength(1);
      const plan = await explain(database.db(), commands[0] ?? {});
      expect(plan.stages).not.toContain('COLLSCAN');
      expect(plan.docsExamined).toBeLessThanOrEqual(204);
    }
    const { body } = await askMany('large', { lessonIds });
    expect(body.results.every(({ grant }: { grant?: unknown }) => grant !== undefined)).toBe(true);
  });
});

describe('the log', () => {
  it('never contains a link, a cookie or a key', async () => {
    await ask('members', 'both');
    await ask('restricted');
    await ask('none');
    expect(JSON.stringify(logs.lines())).not.toMatch(/Signature|CloudFront|PRIVATE KEY|Policy=/);
  });
});

describeWith(['python'], 'by CloudFront’s rules, verified independently,', () => {
  it('a link opens only its file, until the grant expires', async () => {
    const { url, expiresAt } = (await ask('members')).body;
    const until = Date.parse(expiresAt) / 1000;
    const elsewhere = url.replace('.mp3', '.mp4');
    expect(await servedUntil([{ url }, { url: elsewhere }])).toEqual([until, null]);
  });

  it('cookies and query open only the files of the stream, until the grant expires', async () => {
    const { url, query, expiresAt, cookies: sent } = (await ask('members', 'film')).body;
    const cookies = Object.fromEntries(sent.map(({ name, value }: Record<string, string>) => [name, value]));
    const until = Date.parse(expiresAt) / 1000;
    const segment = url.replace('master.m3u8', '360p/segment-00.ts');
    const other = url.replace(/[0-9a-f]{32}/, 'a'.repeat(32));
    expect(
      await servedUntil([
        { url, cookies },
        { url: segment, cookies },
        { url: other, cookies },
        { url: `${url}?${query}` },
        { url: `${segment}?${query}` },
        { url: `${other}?${query}` },
        { url },
      ]),
    ).toEqual([until, until, null, until, until, null, null]);
  });

  it('the link, cookies and query of a download work until the grant expires, for 12 hours', async () => {
    const { body } = await ask('members', 'both', { purpose: 'download' });
    const { url, query, expiresAt, expiresIn, cookies: sent, download } = body;
    const cookies = Object.fromEntries(sent.map(({ name, value }: Record<string, string>) => [name, value]));
    const until = Date.parse(expiresAt) / 1000;
    expect(expiresIn).toBe(12 * 3600);
    expect(await servedUntil([{ url, cookies }, { url: `${url}?${query}` }, { url: download.url }])).toEqual([
      ...[until, until, until],
    ]);
  });

  it('each link of a batch opens its own file', async () => {
    const { body } = await askMany('members', { lessonIds: ['sound', 'trailer', 'both'] });
    const requests = body.results.map(({ grant }: { grant: { download: { url: string } } }) => ({
      url: grant.download.url,
    }));
    expect((await servedUntil(requests)).every((until) => until !== null)).toBe(true);
  });
});
