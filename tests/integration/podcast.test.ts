import fc from 'fast-check';
import { contract } from '../../functions/podcast/contract.ts';
import { handler } from '../../functions/podcast/handler.ts';
import { parseMarkdown, renderMarkdown } from '../../publishing/markdown/markdown.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { assetReference } from '../../shared/assets.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { eraseOwned } from '../../shared/db/ownership.ts';
import { transaction } from '../../shared/db/transaction.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant, buildSession, buildUser } from '../support/builders/account.ts';
import { buildArticle, buildCourseSource, buildRecording } from '../support/builders/course-source.ts';
import { useDatabase } from '../support/database/database.ts';
import { commandsOf, explain, monitored } from '../support/database/queries.ts';
import { callerOf } from '../support/functions/call.ts';
import { useLogs } from '../support/jest/logs.ts';
import { describeWith } from '../support/jest/programs.ts';
import { buildToken, goodClaims, useAccessTokens } from '../support/keys/access-tokens.ts';
import { MEDIA_URL, useMediaKey } from '../support/keys/media-keys.ts';
import { SECRETS } from '../support/keys/secrets.ts';
import { servedUntil } from '../support/media/cloudfront-policy.ts';
import { readFeed } from '../support/media/podcast-feed.ts';

useAccessTokens();
useMediaKey();
const database = useDatabase();
const logs = useLogs();
const call = callerOf(handler, contract);

const API = 'https://api.example.com/v1';
const { FEED_KEY } = SECRETS;
const { sub: userId } = goodClaims();

const text = (markdown: string) => renderMarkdown(parseMarkdown(markdown), (path) => path);
const asset = (extension: string) => assetReference(`courses/sound/${'ab'.repeat(16)}.${extension}`);
const assetUrl = (extension: string) => `${MEDIA_URL}/courses/sound/${'ab'.repeat(16)}.${extension}`;
const recording = buildRecording().recording;
const file = recording.file ?? { key: '', contentType: '', sizeBytes: 0, sha256: '' };

const SOUND = buildCourseSource({
  id: 'sound',
  title: 'Sound & “listening” <b>',
  access: 'restricted',
  image: asset('png'),
  modules: [
    {
      id: 'hear',
      title: 'How we hear',
      lessons: [
        buildRecording({
          id: 'clap',
          title: 'A clap ]]> & more',
          text: text('Listen to ![a wave](media/wave.png) *first*, then [the ear](lesson:ear).'),
          transcript: 'Clap.',
          captions: [{ language: 'en', label: 'English', url: asset('vtt') }],
          recording: { ...recording, transcriptFile: asset('txt'), chaptersFile: asset('json') },
        }),
        buildArticle({ id: 'notes' }),
        buildRecording({ id: 'ear', title: 'The ear', durationSeconds: 61.6 }),
      ],
    },
    {
      id: 'see',
      title: 'To be seen',
      lessons: [
        buildRecording({
          id: 'film',
          kind: 'video',
          recording: { ...recording, file: { ...file, key: file.key.replace('mp3', 'mp4'), contentType: 'video/mp4' } },
        }),
        buildRecording({ id: 'stream', kind: 'video', recording: { ...recording, file: null, stream: file } }),
      ],
    },
  ],
});

const headers = () => ({ Authorization: `Bearer ${buildToken()}` });
const path = { courseId: 'sound' };
const open = (courseId = 'sound') => call('POST /courses/{courseId}/feed', { path: { courseId }, headers: headers() });
const revoke = () => call('DELETE /courses/{courseId}/feed', { path, headers: headers() });
const tokenOf = (answer: Awaited<ReturnType<typeof open>>) => String(answer.body.url).replace(`${API}/feeds/`, '');
const openToken = async () => tokenOf(await open());
const get = (feedToken: string, more: Record<string, string> = {}, method = 'GET') =>
  call(`${method} /feeds/{feedToken}`, { path: { feedToken }, headers: more });
const episode = (feedToken: string, lessonId = 'clap.mp3', method = 'GET') =>
  call(`${method} /feeds/{feedToken}/episodes/{lessonId}`, { path: { feedToken, lessonId } });

const feeds = () => unscopedCollection(database.db(), COLLECTIONS.feeds);
const grants = () => unscopedCollection(database.db(), COLLECTIONS.grants);
const users = () => unscopedCollection(database.db(), COLLECTIONS.users);
const sessions = () => unscopedCollection(database.db(), COLLECTIONS.sessions);

beforeAll(async () => {
  Object.assign(process.env, {
    MONGODB_URI: monitored(database.uri()),
    FEED_KEY,
    API_URL: API,
    APP_URL: 'https://app.example.com',
  });
  await migrate(database.db());
});
beforeEach(async () => {
  process.env['FEED_KEY'] = FEED_KEY;
  await Promise.all(Object.values(COLLECTIONS).map(({ name }) => database.db().collection(name).deleteMany({})));
  await users().insertOne(buildUser());
  await sessions().insertOne(buildSession());
  await grants().insertOne(buildGrant('sound'));
  await publishCourse(database.db(), SOUND, { now: () => new Date('2026-11-02T09:30:00.000Z') });
});
afterAll(() => closeDatabase());

describe('the URL of a feed', () => {
  it('is stable, has 256 bits that nobody can guess, and is not stored', async () => {
    const [one, two] = [await openToken(), await openToken()];
    expect(one).toBe(two);
    expect(Buffer.from(one, 'base64url')).toHaveLength(32);
    expect(await feeds().countDocuments()).toBe(1);
    expect(JSON.stringify(await feeds().findOne())).not.toContain(one);
  });

  it('changes after it was revoked', async () => {
    const before = await openToken();
    expect((await revoke()).status).toBe(204);
    expect((await revoke()).status).toBe(204);
    const after = await openToken();
    expect(after).not.toBe(before);
    expect([(await get(before)).status, (await get(after)).status]).toEqual([404, 200]);
  });

  it('is different for each course', async () => {
    await publishCourse(database.db(), buildCourseSource({ id: 'writing', title: 'Writing' }));
    expect(tokenOf(await open('writing'))).not.toBe(await openToken());
  });

  it('is the same for fifty concurrent requests', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => open()));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(answers.map(tokenOf)).size).toBe(1);
    expect(await feeds().countDocuments()).toBe(1);
  });

  it('changes with the key, to the same URL for concurrent requests', async () => {
    const before = await openToken();
    process.env['FEED_KEY'] = 'another key for tests, which is long enough';
    const after = await Promise.all([openToken(), openToken(), openToken()]);
    expect(new Set(after).size).toBe(1);
    expect(after[0]).not.toBe(before);
    expect((await get(after[0] ?? '')).status).toBe(200);
  });

  it.each<[string, () => Promise<unknown>, string, number]>([
    ['the caller has no access to the course', () => grants().deleteMany({}), 'sound', 403],
    ['there is no such course', async () => undefined, 'none', 404],
    ['the session has ended', () => sessions().deleteMany({}), 'sound', 401],
  ])('is refused when %s', async (_, change, courseId, status) => {
    await change();
    expect((await open(courseId)).status).toBe(status);
    expect(await feeds().countDocuments()).toBe(0);
  });

  async function withReaderAgain(): Promise<void> {
    await users().replaceOne({ _id: userId }, buildUser(), { upsert: true });
    await sessions().replaceOne({ _id: goodClaims().sid }, buildSession(), { upsert: true });
    await grants().replaceOne({ _id: `sound/${userId}` }, buildGrant('sound'), { upsert: true });
  }

  it('leaves nothing behind when the account is erased at the same moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      await withReaderAgain();
      await Promise.all([open(), transaction((db, session) => eraseOwned(db, session, userId))]);
      expect(await feeds().countDocuments()).toBe(0);
    }
  });

  it('leaves nothing behind when the account is erased while a new key changes the URL', async () => {
    for (let round = 0; round < 20; round += 1) {
      await withReaderAgain();
      await open();
      process.env['FEED_KEY'] = `${FEED_KEY} ${round}`;
      await Promise.all([open(), transaction((db, session) => eraseOwned(db, session, userId))]);
      expect(await feeds().countDocuments()).toBe(0);
    }
  });
});

describe('a feed', () => {
  it('is RSS that an app can cache, and must revalidate', async () => {
    const { status, headers: sent, body } = await get(await openToken());
    expect(status).toBe(200);
    expect(sent).toMatchObject({
      'Content-Type': 'application/rss+xml; charset=utf-8',
      'Cache-Control': 'private, no-cache',
      ETag: expect.stringMatching(/^"[\w-]{43}"$/),
    });
    expect(body).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?><rss version="2.0"/);
  });

  it('is answered with 304 while it is unchanged', async () => {
    const token = await openToken();
    const etag = String((await get(token)).headers['ETag']);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, headers: sent, body } = await get(token, { 'If-None-Match': known });
      expect([status, sent['ETag'], body]).toEqual([304, etag, undefined]);
      // Set explicitly, because API Gateway would default to JSON.
      expect(sent['Content-Type']).toBe('application/rss+xml; charset=utf-8');
    }
    expect((await get(token, { 'If-None-Match': '"other"' })).status).toBe(200);
    await publishCourse(database.db(), { ...SOUND, title: 'Sound, again' });
    expect((await get(token, { 'If-None-Match': etag })).status).toBe(200);
  });

  it('can be requested with HEAD, for which API Gateway takes the length from the body', async () => {
    const token = await openToken();
    expect(await get(token, {}, 'HEAD')).toEqual(await get(token));
    expect((await get('no-such-token', {}, 'HEAD')).status).toBe(404);
  });

  const OF_NOTHING = buildCourseSource({ id: 'sound', access: 'restricted', title: 'Sound' });
  it.each<[string, () => Promise<unknown>]>([
    ['is revoked', revoke],
    ['belongs to an erased account', () => transaction((db, session) => eraseOwned(db, session, userId))],
    ['belongs to an account that is missing', () => users().deleteMany({})],
    ['has lost its grant', () => grants().deleteMany({})],
    ['has an expired grant', () => grants().updateOne({}, { $set: { expiresAt: new Date(Date.now() - 1) } })],
    [
      'belongs to an unpublished course',
      () => collection(database.db(), COLLECTIONS.courses).updateOne({}, { $set: { published: null } }),
    ],
  ])('that %s is not found at once, and neither are its episodes', async (_, change) => {
    const token = await openToken();
    expect([(await get(token)).status, (await episode(token)).status]).toEqual([200, 302]);
    await change();
    const etag = { 'If-None-Match': '*' };
    const statuses = [await get(token), await get(token, etag), await get(token, {}, 'HEAD'), await episode(token)];
    expect(statuses.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
  });

  it.each([
    ['an empty token', ''],
    ['a short token', 'abc'],
    ['an operator', '{"$ne":null}'],
    ['a token that was never issued', 'A'.repeat(43)],
  ])('is not found with %s', async (_, token) => {
    await openToken();
    expect((await get(token)).status).toBe(404);
    expect((await episode(token)).status).toBe(404);
  });

  it('and its episodes can be read before the documents of its course are migrated', async () => {
    const token = await openToken();
    await collection(database.db(), COLLECTIONS.courses).updateMany({}, { $unset: { version: '', lessonDates: '' } });
    await collection(database.db(), COLLECTIONS.lessons).updateMany({}, { $unset: { version: '' } });
    expect([(await get(token)).status, (await episode(token)).status]).toEqual([200, 302]);
  });

  it('outlives the session that requested it', async () => {
    const token = await openToken();
    await sessions().deleteMany({});
    expect((await get(token)).status).toBe(200);
  });

  it('fits into the largest answer of a function, with as many of the newest episodes as possible', async () => {
    const token = await openToken();
    const notes = text(`${'"'.repeat(3900)}\n`);
    const lessons = Array.from({ length: 501 }, (_, index) => buildRecording({ id: `lesson-${index}`, text: notes }));
    await publishCourse(database.db(), buildCourseSource({ id: 'sound', access: 'restricted', lessons }));
    const answer = await get(token);
    // "Lambda quotas": the largest payload of an answer, which is JSON.
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6 * 1024 * 1024);
    expect(answer.body).toContain('urn:lectern:sound/lesson-500<');
    expect(answer.body).not.toContain('urn:lectern:sound/lesson-0<');
    expect(answer.body.match(/<item>/g).length).toBeGreaterThan(200);
  });

  it('is valid without episodes', async () => {
    const token = await openToken();
    await publishCourse(database.db(), OF_NOTHING);
    expect((await get(token)).body).not.toContain('<item>');
  });
});

describe('an episode', () => {
  it('redirects to its file with a new signed link, also without extension and with HEAD', async () => {
    const token = await openToken();
    for (const answer of [
      await episode(token),
      await episode(token, 'clap'),
      await episode(token, 'clap.mp3', 'HEAD'),
    ]) {
      expect([answer.status, answer.body, answer.headers['Cache-Control']]).toEqual([302, undefined, 'no-store']);
      expect(new URL(String(answer.headers['Location'])).pathname).toBe(`/${file.key}`);
    }
  });

  it('redirects to a link that ends with the access grant', async () => {
    const token = await openToken();
    const expiresAt = new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000);
    await grants().updateOne({}, { $set: { expiresAt } });
    const location = new URL(String((await episode(token)).headers['Location']));
    expect(Number(location.searchParams.get('Expires'))).toBe(expiresAt.getTime() / 1000);
  });

  it.each([
    ['notes', 404],
    ['stream', 404],
    ['none.mp3', 404],
    ['Not-A-Slug', 400],
    ['clap.not-a-version.mp3', 400],
  ])('%s without a file is answered with %i', async (lessonId, status) => {
    expect((await episode(await openToken(), lessonId)).status).toBe(status);
  });
});

describe('the database', () => {
  it.each<[string, (token: string) => Promise<unknown>]>([
    ['a feed', (token) => get(token)],
    ['an episode', (token) => episode(token)],
  ])('gets one command that uses indexes, for %s', async (_, work) => {
    const token = await openToken();
    const commands = await commandsOf(() => work(token));
    expect(commands.map(({ aggregate }) => aggregate)).toEqual(['feeds']);
    expect((await explain(database.db(), commands[0] ?? {})).stages).not.toContain('COLLSCAN');
  });
});

describe('the log', () => {
  it('never contains the token of a feed or a link', async () => {
    const token = await openToken();
    await episode(token);
    await revoke();
    await get(token);
    await episode(token);
    expect(JSON.stringify(logs.lines())).not.toMatch(new RegExp(`${token}|Signature`));
    expect(logs.lines().length).toBeGreaterThan(0);
  });
});

describeWith(['python'], 'an independent podcast parser', () => {
  it('finds all data of the feed', async () => {
    const token = await openToken();
    const feed = await readFeed((await get(token)).body);
    expect(feed).toMatchObject({
      bozo: false,
      version: 'rss20',
      title: 'Sound & “listening” <b>',
      subtitle: 'Plain words, one idea at a time.',
      language: 'en',
      author: 'Ada Moore',
      image: assetUrl('png'),
      block: 1,
      type: 'serial',
      self: [`${API}/feeds/${token}`],
      medium: 'course',
    });
    const url = (name: string) => `${API}/feeds/${token}/episodes/${name}`;
    expect(feed.entries).toMatchObject([
      {
        title: 'A clap ]]> & more',
        guid: 'urn:lectern:sound/clap',
        guidIsLink: false,
        published: [2026, 11, 2, 5, 15, 0],
        duration: '151',
        season: '1',
        episode: '1',
        enclosures: [[url('clap.2c26b46b.mp3'), 'audio/mpeg', 1_210_400]],
        transcripts: [
          { url: assetUrl('vtt'), type: 'text/vtt', language: 'en', rel: 'captions' },
          { url: assetUrl('txt'), type: 'text/plain' },
        ],
        chapters: [{ url: assetUrl('json'), type: 'application/json+chapters' }],
      },
      { title: 'The ear', published: [2026, 11, 2, 7, 15, 0], duration: '62', season: '1', episode: '2', chapters: [] },
      {
        guid: 'urn:lectern:sound/film',
        season: '2',
        episode: '1',
        published: [2026, 11, 2, 8, 15, 0],
        enclosures: [[url('film.2c26b46b.mp4'), 'video/mp4', 1_210_400]],
      },
    ]);
    expect(feed.entries[0]?.['notes']).toContain('<em>first</em>');
    expect(feed.entries[0]?.['notes']).toContain('href="https://app.example.com/courses/sound/lessons/ear"');
  });

  it('sees the same episodes after new ones were published, and their dates in the order of the course', async () => {
    const token = await openToken();
    const before = await readFeed((await get(token)).body);
    const [hear, see] = SOUND.modules;
    const modules = [
      { ...hear, lessons: [...(hear?.lessons ?? []), buildRecording({ id: 'between' })] },
      { ...see, lessons: [...(see?.lessons ?? []), buildRecording({ id: 'last' })] },
    ];
    const now = () => new Date('2026-11-20T09:30:59.000Z');
    await publishCourse(database.db(), { ...SOUND, modules: modules as typeof SOUND.modules }, { now });
    const after = await readFeed((await get(token)).body);
    const [clap, ear, between, film, last] = after.entries;
    const identity = ({ guid, published, enclosures }: Record<string, unknown>) => ({ guid, published, enclosures });
    expect([clap, ear, film].map((entry) => identity(entry ?? {}))).toEqual(before.entries.map(identity));
    expect(between?.['published']).toEqual([2026, 11, 2, 7, 30, 0]);
    expect(last?.['published']).toEqual([2026, 11, 20, 9, 15, 0]);
  });

  it('sees another address and the same id after a recording was made anew, and no change of the others', async () => {
    const token = await openToken();
    const before = await readFeed((await get(token)).body);
    const [hear, see] = SOUND.modules;
    const anew = { ...file, key: file.key.replace('2c26', 'ffff'), sha256: file.sha256.replace('2c26', 'ffff') };
    const [clap, ...others] = hear?.lessons ?? [];
    const modules = [{ ...hear, lessons: [{ ...clap, recording: { ...recording, file: anew } }, ...others] }, see];
    await publishCourse(database.db(), { ...SOUND, modules: modules as typeof SOUND.modules });
    const after = await readFeed((await get(token)).body);

    expect(after.entries.map(({ guid }) => guid)).toEqual(before.entries.map(({ guid }) => guid));
    expect(after.entries.map(({ published }) => published)).toEqual(before.entries.map(({ published }) => published));
    const addresses = ({ entries }: typeof after) =>
      entries.map(({ enclosures }) => (enclosures as [string, string, number][])[0]?.[0].split('/').at(-1));
    expect(addresses(before)).toEqual(['clap.2c26b46b.mp3', 'ear.2c26b46b.mp3', 'film.2c26b46b.mp4']);
    expect(addresses(after)).toEqual(['clap.ffffb46b.mp3', 'ear.2c26b46b.mp3', 'film.2c26b46b.mp4']);
    for (const address of ['clap.ffffb46b.mp3', 'clap.2c26b46b.mp3', 'clap.mp3', 'clap']) {
      const { pathname } = new URL(String((await episode(token, address)).headers['Location']));
      expect([address, pathname]).toEqual([address, `/${anew.key}`]);
    }
  });

  it('is redirected to a link that CloudFront accepts', async () => {
    const { headers: sent } = await episode(await openToken());
    const [until] = await servedUntil([{ url: String(sent['Location']) }]);
    expect(until).toBeGreaterThan(Date.now() / 1000 + 15 * 60);
  });

  it('can read the feed, whatever titles and texts contain', async () => {
    const token = await openToken();
    const anything = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(anything, anything, anything, async (title, summary, markdown) => {
        const lessons = [buildRecording({ id: 'clap', title: `t${title}`, text: text(markdown) })];
        const source = buildCourseSource({ id: 'sound', access: 'restricted', title: `t${title}`, summary, lessons });
        await publishCourse(database.db(), source);
        const { bozo, entries } = await readFeed((await get(token)).body);
        expect([bozo, entries.length]).toEqual([false, 1]);
      }),
      { numRuns: 25, examples: [['\0\v\u{FFFE}\uD800', ']]>&lt;', '<script>x</script>\u0001']] },
    );
  });

  it.each(['true', 'false', '0', '""', ' '])(
    'can read the feed if course, module and lesson have the title %j',
    async (title) => {
      const token = await openToken();
      const modules = [{ id: 'only', title, lessons: [buildRecording({ id: 'clap', title })] }];
      await publishCourse(database.db(), buildCourseSource({ id: 'sound', access: 'restricted', title, modules }));
      const { bozo, entries } = await readFeed((await get(token)).body);
      expect([bozo, entries.length]).toEqual([false, 1]);
    },
  );
});
