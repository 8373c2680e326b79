import { createHash } from 'node:crypto';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildGrant } from '../support/builders/account.ts';
import { describeWith } from '../support/jest/programs.ts';
import { type ReadFeed, readFeed } from '../support/media/podcast-feed.ts';
import { type HttpLearner, registerLearner } from '../support/system/client.ts';
import { useSystem } from '../support/system/system.ts';

/* A typical podcast app: it reads RSS, follows redirects and requests ranges. */

const { system, database } = useSystem();

const COURSE = 'listening-to-the-world';

let learners = 0;
const newLearner = () => registerLearner(system().apiUrl, `listener-${++learners}@example.com`);
const openFeed = async (learner: HttpLearner, courseId = COURSE): Promise<string> => {
  const { status, body } = await learner.request('POST', `/courses/${courseId}/feed`);
  expect(status).toBe(200);
  return body.url;
};

/** The address of an episode's file, and what the feed says about it. */
interface Enclosure {
  readonly url: string;
  readonly type: string;
  readonly bytes: number;
}

function enclosuresIn({ entries }: ReadFeed): Enclosure[] {
  return entries.flatMap(({ enclosures }) =>
    (enclosures as [string, string, number][]).map(([url, type, bytes]) => ({ url, type, bytes })),
  );
}

describeWith(['python'], 'a podcast app', () => {
  it('finds every episode of the sample podcast in order, each with its own URL', async () => {
    const feed = await readFeed(await (await fetch(await openFeed(await newLearner()))).text());
    expect(feed).toMatchObject({
      bozo: false,
      title: 'Listening to the world',
      language: 'en-GB',
      author: 'Harriet Vale',
    });
    expect(feed.entries.map(({ title }) => title)).toEqual([
      'What a sound is',
      'Inside the ear',
      'Loud and quiet',
      'A walk for the ears',
      'Echoes and rooms',
      'Birds at dawn',
    ]);
    expect(new Set(enclosuresIn(feed).map(({ url }) => url)).size).toBe(6);
  });

  it('downloads an episode through the redirect, exactly as the feed describes it', async () => {
    const url = await openFeed(await newLearner());
    const [enclosure] = enclosuresIn(await readFeed(await (await fetch(url)).text()));
    const response = await fetch(enclosure?.url ?? '');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([response.status, response.redirected]).toEqual([200, true]);
    expect([response.headers.get('content-type'), bytes.length]).toEqual([enclosure?.type, enclosure?.bytes]);
    const [lesson] = await collection(database.db(), COLLECTIONS.lessons)
      .find({ 'lesson.id': 'what-a-sound-is' })
      .toArray();
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(lesson?.recording?.file?.sha256);
  });

  it('resumes a download with a range request through the redirect', async () => {
    const url = await openFeed(await newLearner());
    const [{ url: address, bytes } = { url: '', bytes: 0 }] = enclosuresIn(
      await readFeed(await (await fetch(url)).text()),
    );
    const first = await fetch(address, { headers: { Range: 'bytes=0-999' } });
    const rest = await fetch(address, {
      headers: { Range: 'bytes=1000-', 'If-Range': first.headers.get('etag') ?? '' },
    });
    expect([first.status, first.headers.get('content-range')]).toEqual([206, `bytes 0-999/${bytes}`]);
    expect([rest.status, rest.headers.get('content-range')]).toEqual([206, `bytes 1000-${bytes - 1}/${bytes}`]);
    const whole = Buffer.from(await (await fetch(address)).arrayBuffer());
    const parts = Buffer.concat([Buffer.from(await first.arrayBuffer()), Buffer.from(await rest.arrayBuffer())]);
    expect(parts.equals(whole)).toBe(true);
  });

  it('gets the size of an episode with HEAD', async () => {
    const url = await openFeed(await newLearner());
    const [enclosure] = enclosuresIn(await readFeed(await (await fetch(url)).text()));
    const head = await fetch(enclosure?.url ?? '', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(enclosure?.bytes)]);
  });

  it('gets the size of a feed with HEAD, and that of the answer to an unknown one', async () => {
    const url = await openFeed(await newLearner());
    for (const address of [url, url.slice(0, -1)]) {
      // Not compressed, so that the length is that of the text.
      const headers = { 'Accept-Encoding': 'identity' };
      const head = await fetch(address, { method: 'HEAD', headers });
      const get = await fetch(address, { headers });
      const sent = (answer: Response) => [
        answer.status,
        answer.headers.get('content-length'),
        answer.headers.get('etag'),
      ];
      expect(sent(head)).toEqual(sent(get));
      expect(await head.text()).toBe('');
      expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(await get.text())));
    }
  });

  it('gets 304 while the feed is unchanged', async () => {
    const url = await openFeed(await newLearner());
    const etag = (await fetch(url)).headers.get('etag') ?? '';
    const again = await fetch(url, { headers: { 'If-None-Match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
  });

  it('can fetch covers, transcripts and chapters without a signature', async () => {
    const feed = await readFeed(await (await fetch(await openFeed(await newLearner()))).text());
    const linked = feed.entries.flatMap(({ transcripts, chapters }) => [
      ...(transcripts as { url: string; type: string }[]),
      ...(chapters as { url: string; type: string }[]),
    ]);
    expect(new Set(linked.map(({ type }) => type))).toEqual(
      new Set(['text/vtt', 'text/plain', 'application/json+chapters']),
    );
    for (const { url, type } of [...linked, { url: String(feed['image']), type: 'image/png' }]) {
      const response = await fetch(url);
      expect([url, response.status, response.headers.get('content-type')?.split(';')[0]]).toEqual([url, 200, type]);
    }
  });

  it('plays videos that are available as a file', async () => {
    const learner = await newLearner();
    await unscopedCollection(database.db(), COLLECTIONS.grants).insertOne(
      buildGrant('seeing-with-numbers', { userId: learner.id }),
    );
    const feed = await readFeed(await (await fetch(await openFeed(learner, 'seeing-with-numbers'))).text());
    const [video] = enclosuresIn(feed);
    expect(video?.type).toBe('video/mp4');
    expect((await fetch(video?.url ?? '', { headers: { Range: 'bytes=0-1' } })).status).toBe(206);
  });

  it('finds nothing after the feed is revoked or the account deleted', async () => {
    const learner = await newLearner();
    const [before, other] = [await openFeed(learner), await newLearner()];
    const [enclosure] = enclosuresIn(await readFeed(await (await fetch(before)).text()));
    expect((await learner.request('DELETE', `/courses/${COURSE}/feed`)).status).toBe(204);
    expect([(await fetch(before)).status, (await fetch(enclosure?.url ?? '')).status]).toEqual([404, 404]);

    const theirs = await openFeed(other);
    expect((await other.request('DELETE', '/auth/me', { password: other.password })).status).toBe(204);
    expect((await fetch(theirs)).status).toBe(404);
  });
});
