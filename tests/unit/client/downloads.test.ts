import { type Downloads, type DownloadsOptions, openDownloads, PIECE_BYTES } from '../../../client/src/downloads.ts';
import { buildDevice, type CrashKind, type Device } from '../../support/downloads/device.ts';
import { API, COURSE, openSchool, type School, type SchoolLesson, sha256 } from '../../support/downloads/school.ts';

const LONG = recording(2.5 * PIECE_BYTES, 1);
const SHORT = recording(5000, 2);
const FIRST: readonly SchoolLesson[] = [
  { id: 'read', text: 'Read “this”', images: ['a map', 'a tree'] },
  { id: 'hear', text: 'Hear this', captions: 'WEBVTT', recording: LONG },
  { id: 'last', text: 'The last', images: ['a map'], recording: SHORT },
];
/** A lesson changed, one is new, one is gone, one is unchanged. */
const SECOND: readonly SchoolLesson[] = [
  { id: 'new', text: 'New' },
  { id: 'hear', text: 'Hear this', captions: 'WEBVTT', recording: LONG },
  { id: 'last', text: 'The very last', images: ['a hill'], recording: recording(6000, 3) },
];

describe('downloads', () => {
  it('download a course, after which it is readable without a network', async () => {
    const { downloads, school } = setUp();
    await downloads.download(COURSE);
    school.intercept(() => Response.error());
    const course = await downloads.course(COURSE);
    expect(course).toMatchObject({ id: COURSE, title: 'Sounds', revision: 1, image: localUrl('the cover', 'png') });
    const lesson = await downloads.lesson(COURSE, 'hear');
    expect(lesson).toMatchObject({
      markdown: 'Hear this',
      captions: [{ language: 'en', url: localUrl('WEBVTT', 'vtt') }],
      chapters: { url: localUrl('chapters of hear', 'json') },
      media: { url: localUrl(LONG, 'mp3'), contentType: 'audio/mpeg', sizeBytes: LONG.length },
      previous: { id: 'read', title: 'Title of read' },
      next: { id: 'last', title: 'Title of last' },
    });
    expect((await downloads.lesson(COURSE, 'read'))?.html).toContain(`<img src="${localUrl('a tree', 'png')}" alt="">`);
    expect(await downloads.mediaUrl(COURSE, 'hear')).toBe(localUrl(LONG, 'mp3'));
    expect(await downloads.mediaUrl(COURSE, 'read')).toBeNull();
    expect(await downloads.lesson(COURSE, 'unknown')).toBeNull();
  });

  it('leave images of other places alone', async () => {
    const { downloads, school } = setUp();
    await downloads.download(COURSE);
    expect(school.requests.filter((url) => url.includes('elsewhere'))).toEqual([]);
    expect((await downloads.lesson(COURSE, 'read'))?.html).toContain('https://elsewhere.example/');
  });

  it('tell what a download takes before it begins, to the byte', async () => {
    const { downloads, device, school } = setUp();
    const plan = await downloads.plan(COURSE);
    expect(plan).toMatchObject({ revision: 1, lessonIds: ['read', 'hear', 'last'], deletedBytes: 0 });
    const fileBytes = [...school.files.values()].reduce((sum, { length }) => sum + length, 0);
    expect(plan.bytes).toBe(fileBytes);
    expect(school.sent.size).toBe(0);
    await downloads.download(COURSE);
    expect(storedBytes(device)).toBe(plan.totalBytes);
  });

  it('report progress up to the total', async () => {
    const { downloads } = setUp();
    const { totalBytes } = await downloads.plan(COURSE);
    const seen: number[] = [];
    await downloads.download(COURSE, { onProgress: ({ bytes, totalBytes: total }) => seen.push(bytes, total) });
    expect(seen.at(-1)).toBe(totalBytes);
    expect(seen.at(-2)).toBe(totalBytes);
    expect(seen.filter((_, index) => index % 2 === 0)).toEqual(
      seen.filter((_, index) => index % 2 === 0).sort((a, b) => a - b),
    );
  });

  it('fetch only what changed, and delete what is gone', async () => {
    const { downloads, device, school } = setUp();
    await downloads.download(COURSE);
    const before = new Map(school.sent);
    school.publish(SECOND);
    const plan = await downloads.plan(COURSE);
    expect(plan).toMatchObject({ revision: 2, lessonIds: ['new', 'last'] });
    expect(plan.bytes).toBe(6000 + 'a hill'.length);
    await downloads.download(COURSE);
    const fetched = [...school.sent].filter(([name, bytes]) => bytes !== before.get(name)).map(([name]) => name);
    expect(new Set(fetched)).toEqual(new Set([nameOf(recording(6000, 3), 'mp3'), nameOf('a hill', 'png')]));
    expect(storedNames(device)).toEqual(expectedNames(school, 3));
    expect(storedBytes(device)).toBe(plan.totalBytes);
    expect((await downloads.lesson(COURSE, 'last'))?.next).toBeNull();
    expect(await downloads.lesson(COURSE, 'read')).toBeNull();
  });

  it('ask only for the outline if nothing changed', async () => {
    const { downloads, school } = setUp();
    await downloads.download(COURSE);
    const before = school.requests.length;
    await downloads.download(COURSE);
    expect(school.requests.slice(before)).toEqual([`${API}/courses/${COURSE}`]);
  });

  it.each<CrashKind>(['before', 'after', 'torn'])(
    'go on after a crash %s each step, without fetching again what was stored, and never show half a version',
    async (kind) => {
      for (let crashAt = 0; ; crashAt += 1) {
        const { device, school, open } = setUp();
        await open().download(COURSE);
        const complete = snapshot(await contentsOf(open()));
        school.publish(SECOND);
        const before = new Map(school.sent);
        device.restart(crashAt, kind);
        const end = await open()
          .download(COURSE)
          .catch((error: unknown) => error);
        const steps = device.steps();
        device.restart();
        const seen = snapshot(await contentsOf(open()));
        if (seen.revision !== 2) expect(seen).toEqual(complete);

        await open().download(COURSE);
        const { revision, ids } = snapshot(await contentsOf(open()));
        expect([crashAt, revision, ids]).toEqual([crashAt, 2, ['new', 'hear', 'last']]);
        expect([crashAt, storedNames(device)]).toEqual([crashAt, expectedNames(school, 3)]);
        expectIntact(device, school);
        // A file has one piece here, which is lost if it was not stored, or damaged if it was torn.
        for (const [name, bytes] of school.sent) {
          const size = school.files.get(name)?.length ?? 0;
          if (school.files.has(name)) expect(bytes - (before.get(name) ?? 0)).toBeLessThanOrEqual(2 * size);
        }
        expect((await open().list())[0]).toMatchObject({ isComplete: true, isUnfinished: false });
        if (end === undefined && steps <= crashAt) break;
      }
    },
  );

  it.each<CrashKind>(['before', 'after', 'torn'])(
    'go on with a first download after crashes %s each step',
    async (kind) => {
      for (let crashAt = 0; ; crashAt += 1) {
        const { device, school, open } = setUp();
        device.restart(crashAt, kind);
        const end = await open()
          .download(COURSE)
          .catch((error: unknown) => error);
        const isOver = end === undefined;
        if (!isOver) expect((await open().course(COURSE))?.revision ?? null).toBe(await committed(device));
        device.restart();
        await open().download(COURSE);
        expectIntact(device, school);
        expect([crashAt, storedNames(device)]).toEqual([crashAt, expectedNames(school, 3)]);
        const longest = nameOf(LONG, 'mp3');
        expect(school.sent.get(longest)).toBeLessThanOrEqual(LONG.length + PIECE_BYTES);
        if (isOver) break;
      }
    },
  );

  it('go on at the piece where a download was aborted', async () => {
    const { downloads, device, school } = setUp();
    const controller = new AbortController();
    const aborted = downloads.download(COURSE, {
      signal: controller.signal,
      onProgress: () => {
        if ((device.contents.get(pathOf(LONG, 'mp3'))?.length ?? 0) >= PIECE_BYTES) controller.abort();
      },
    });
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    expect(await downloads.list()).toMatchObject([
      { courseId: COURSE, course: null, isComplete: false, isUnfinished: true },
    ]);
    const { bytes, totalBytes } = await downloads.plan(COURSE);
    expect(totalBytes - bytes).toBe(storedBytes(device));
    await downloads.download(COURSE);
    expect(school.sent.get(nameOf(LONG, 'mp3'))).toBeLessThanOrEqual(LONG.length + PIECE_BYTES);
    expectIntact(device, school);
  });

  it('get fresh links when the old ones have expired', async () => {
    const { downloads, school } = setUp();
    await downloads.plan(COURSE);
    school.expireLinks();
    let pieces = 0;
    school.intercept((url) => {
      if (url.includes('.mp3') && ++pieces === 4) school.expireLinks();
      return undefined;
    });
    await downloads.download(COURSE);
    expect(school.sent.get(nameOf(LONG, 'mp3'))).toBe(LONG.length);
  });

  it('renew a refused access token', async () => {
    const tokens: unknown[] = [];
    const { downloads } = setUp({
      accessToken: async (renewed, refused) => {
        if (renewed) tokens.push(refused);
        return renewed ? 'good' : 'old';
      },
    });
    await downloads.download(COURSE);
    expect(new Set(tokens)).toEqual(new Set(['old']));
  });

  it.each([
    ['a sign-in page', () => new Response('<html>Welcome</html>', { status: 200 })],
    ['a sign-in page for a range', () => new Response('<html>Welcome', { status: 206 })],
    ['JSON of something else', () => Response.json({ hello: 'there' })],
    ['a refusal of something else', () => Response.json({ status: 403 }, { status: 403 })],
    ['an outage', () => new Response('', { status: 502 })],
  ])('never take %s for an answer', async (_, portal) => {
    for (let at = 0; ; at += 1) {
      const { downloads, device, school } = setUp();
      let count = 0;
      school.intercept(() => (count++ === at ? portal() : undefined));
      await downloads.download(COURSE);
      expectIntact(device, school);
      expect((await downloads.list())[0]).toMatchObject({ isComplete: true, refused: null });
      if (count <= at) break;
    }
  });

  it('give up after some retries without progress, and go on when called again', async () => {
    const { downloads, school } = setUp();
    school.intercept((url) => (url.includes('.mp3') ? Response.error() : undefined));
    await expect(downloads.download(COURSE)).rejects.toMatchObject({ name: 'RequestFailed' });
    school.intercept(null);
    await downloads.download(COURSE);
    expect((await downloads.list())[0]?.isComplete).toBe(true);
  });

  it('do not wait for hours when the server asks for it', async () => {
    const { downloads, school } = setUp();
    const { status, headers } = { status: 503, headers: { 'Retry-After': '7200' } };
    school.intercept(() => new Response('', { status, headers }));
    await expect(downloads.download(COURSE)).rejects.toMatchObject({ retryAfterMs: 7_200_000 });
  });

  it('never count a damaged file, and fetch it again', async () => {
    const { downloads, device, school } = setUp();
    let damaged = 0;
    school.intercept((url, init) => {
      if (!url.includes('.vtt') || new Headers(init.headers).get('Range') === 'bytes=0-0' || damaged++ > 0)
        return undefined;
      return new Response('WEBVTX', { status: 206, headers: { 'Content-Range': 'bytes 0-5/6' } });
    });
    await downloads.download(COURSE);
    expect(damaged).toBe(2);
    expectIntact(device, school);
  });

  it('say that access has ended, and keep the downloads until the app deletes them', async () => {
    const { downloads, device, school } = setUp();
    await downloads.download(COURSE);
    school.publish(SECOND);
    school.refuse({ status: 403, code: 'forbidden' });
    await expect(downloads.download(COURSE)).rejects.toMatchObject({
      name: 'DownloadRefused',
      problem: { code: 'forbidden' },
    });
    expect(await downloads.list()).toMatchObject([{ isComplete: true, refused: { code: 'forbidden' } }]);
    expect((await downloads.course(COURSE))?.revision).toBe(1);
    school.refuse(null);
    await downloads.download(COURSE);
    expect(await downloads.list()).toMatchObject([{ isComplete: true, refused: null }]);
    await downloads.remove(COURSE);
    expect(await downloads.list()).toEqual([]);
    expect([...device.contents.keys(), ...device.texts.keys()]).toEqual([]);
  });

  it('wait until caches agree about a lesson', async () => {
    const { downloads, school } = setUp();
    const stale = await (await school.fetch(`${API}/courses/${COURSE}`, {})).json();
    school.publish(SECOND);
    let answers = 0;
    school.intercept((url) => (url === `${API}/courses/${COURSE}` && answers++ < 2 ? Response.json(stale) : undefined));
    await downloads.download(COURSE);
    expect((await downloads.course(COURSE))?.revision).toBe(2);
  });

  it('say that the device is full, and keep what is complete', async () => {
    const { downloads, device, school } = setUp();
    await downloads.download(COURSE);
    school.publish(SECOND);
    device.fill(Object.assign(new Error('No space'), { name: 'QuotaExceededError' }));
    await expect(downloads.download(COURSE)).rejects.toMatchObject({
      name: 'StorageFailed',
      cause: { name: 'QuotaExceededError' },
    });
    expect((await downloads.course(COURSE))?.revision).toBe(1);
    device.fill(null);
    await downloads.download(COURSE);
    expect((await downloads.course(COURSE))?.revision).toBe(2);
  });

  it('belong to one account', async () => {
    const { downloads, device, open } = setUp();
    await downloads.download(COURSE);
    const other = open({ userId: 'ben' });
    expect([await other.list(), await other.course(COURSE), await other.mediaUrl(COURSE, 'hear')]).toEqual([
      [],
      null,
      null,
    ]);
    await other.download(COURSE);
    await other.removeAll();
    expect((await downloads.list())[0]?.isComplete).toBe(true);
    await downloads.removeAll();
    expect([...device.contents.keys(), ...device.texts.keys()]).toEqual([]);
  });

  it('run one at a time', async () => {
    const { open, school } = setUp();
    await Promise.all([open().download(COURSE), open().download(COURSE)]);
    expect(school.sent.get(nameOf(LONG, 'mp3'))).toBe(LONG.length);
  });

  it('end when the course is removed meanwhile', async () => {
    const { downloads, device } = setUp();
    let removed: Promise<void> | undefined;
    const download = downloads.download(COURSE, {
      onProgress: () => {
        removed ??= downloads.remove(COURSE);
      },
    });
    await expect(download).rejects.toMatchObject({ name: 'AbortError' });
    await removed;
    expect([...device.contents.keys(), ...device.texts.keys()]).toEqual([]);
  });

  it.each(['', 'null', '{"curr', '7'])('count a state that reads %j as none, and build it again', async (text) => {
    const { downloads, device, school } = setUp();
    await downloads.download(COURSE);
    const sent = new Map(school.sent);
    for (const key of device.texts.keys()) device.texts.set(key, text);
    expect(await downloads.course(COURSE)).toBeNull();
    await downloads.download(COURSE);
    expect(school.sent).toEqual(sent);
    expect((await downloads.list())[0]?.isComplete).toBe(true);
  });
});

function setUp(options: Partial<DownloadsOptions> = {}) {
  const school = openSchool();
  school.publish(FIRST);
  const device = buildDevice();
  const open = (more: Partial<DownloadsOptions> = {}): Downloads =>
    openDownloads({
      baseUrl: API,
      userId: 'ada',
      accessToken: async () => 'good',
      files: device.files,
      storage: device.storage,
      // A crash ends requests as well.
      fetch: (url, init) => device.step(() => school.fetch(url, init)),
      wait: async () => undefined,
      ...options,
      ...more,
    });
  return { school, device, open, downloads: open() };
}

function recording(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * seed + (index >> 8)) % 251);
}

function nameOf(content: string | Uint8Array, extension: string): string {
  return `${sha256(content).slice(0, 32)}.${extension}`;
}

function pathOf(content: string | Uint8Array, extension: string): string {
  return `ada/${COURSE}.${nameOf(content, extension)}`;
}

function localUrl(content: string | Uint8Array, extension: string): string {
  return `file:///device/${pathOf(content, extension)}`;
}

function storedBytes({ contents }: Device): number {
  return [...contents.values()].reduce((sum, { length }) => sum + length, 0);
}

/** The names of the stored files; documents are only counted. */
function storedNames({ contents }: Device): readonly [files: ReadonlySet<string>, documents: number] {
  const names = [...contents.keys()].map((path) => path.slice(`ada/${COURSE}.`.length));
  const files = names.filter((name) => /^[0-9a-f]{32}\.\w+$/.test(name));
  return [new Set(files), names.length - files.length];
}

function expectedNames({ files }: School, lessons: number): ReturnType<typeof storedNames> {
  return [new Set(files.keys()), lessons + 1];
}

function expectIntact({ contents }: Device, { files }: School): void {
  for (const [name, bytes] of files) {
    const stored = contents.get(`ada/${COURSE}.${name}`) ?? new Uint8Array();
    expect([name, sha256(stored)]).toEqual([name, sha256(bytes)]);
  }
}

/** Everything that an app can read. */
async function contentsOf(downloads: Downloads) {
  const course = await downloads.course(COURSE);
  const ids = course?.modules.flatMap(({ lessons }) => lessons.map(({ id }) => id)) ?? [];
  return { course, lessons: await Promise.all(ids.map((id) => downloads.lesson(COURSE, id))), ids };
}

function snapshot({ course, lessons, ids }: Awaited<ReturnType<typeof contentsOf>>) {
  expect(lessons).not.toContain(null);
  return { revision: course?.revision ?? null, ids, lessons };
}

async function committed({ texts }: Device): Promise<number | null> {
  const [text] = [...texts.values()];
  return text !== undefined && JSON.parse(text).current ? 1 : null;
}
