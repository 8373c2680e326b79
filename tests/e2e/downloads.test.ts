import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { importCourses } from '../../publishing/import-courses.ts';
import { folderStore } from '../../publishing/store/folder-store.ts';
import type { LocalAnswer, Shown } from '../support/downloads/browser/offline-page.ts';
import { useOfflineSite } from '../support/downloads/browser/site.ts';
import { describeWith, toolPath } from '../support/jest/programs.ts';
import { type HttpLearner, registerLearner } from '../support/system/client.ts';
import { useSystem } from '../support/system/system.ts';

/*
 * A web app (tests/support/downloads/browser) in a real browser, with a service worker, on its own origin, with the whole
 * system. The course has a recording of more than one piece, a video, and an article with an image.
 */

const COURSE = 'field-recordings';
const SAMPLES = path.resolve(import.meta.dirname, '../../examples/courses');

jest.setTimeout(120_000);

describeWith(['chromium', 'ffmpeg'], 'downloads in a browser', () => {
  const site = useOfflineSite();
  const { system, database, dataDir } = useSystem({ allowedOrigins: () => [site.origin()] });
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-downloads-'));
    browser = await chromium.launch({
      executablePath: toolPath('chromium'),
      args: ['--no-sandbox', '--mute-audio', '--autoplay-policy=no-user-gesture-required'],
    });
    await makeCourse(folder);
  });
  beforeEach(() => publish('The first text.'));
  afterEach(() => Promise.all(browser.contexts().map((context) => context.close())));
  afterAll(async () => {
    await browser.close();
    await rm(folder, { recursive: true });
  });

  it('shows a lesson with its image, and plays and seeks audio and video, without a network', async () => {
    const { context, page } = await visit(await newLearner());
    const { bytes, totalBytes } = await page.evaluate((id) => offline.plan(id), COURSE);
    expect(bytes).toBeGreaterThan(2_500_000);
    await page.evaluate((id) => offline.download(id), COURSE);
    expect(await page.evaluate(() => offline.progress())).toEqual({ bytes: totalBytes, totalBytes });
    expect(await page.evaluate(() => offline.list())).toMatchObject([
      { courseId: COURSE, bytes: totalBytes, isComplete: true, isUnfinished: false },
    ]);

    await context.setOffline(true);
    await page.reload();
    await open(page);
    await show(page, 'picture');
    await page.waitForFunction(() => offline.shown().imageWidths.some((width) => width > 0));
    for (const lessonId of ['long', 'film']) {
      await show(page, lessonId);
      await page.waitForFunction(() => offline.shown().currentTime > 0.5);
      const { duration } = await shown(page);
      await page.evaluate((seconds) => offline.seek(seconds), duration / 2);
      await page.waitForFunction((seconds) => offline.shown().currentTime > seconds, duration / 2 + 0.2);
      await page.evaluate((seconds) => offline.seek(seconds), duration - 1);
      await page.waitForFunction(() => offline.shown().ended);
      expect(await shown(page)).toMatchObject({ error: null });
    }
  });

  it('shows captions without a network', async () => {
    const { context, page } = await visit(await newLearner());
    await page.evaluate((id) => offline.download(id), COURSE);
    await context.setOffline(true);
    await show(page, 'film');
    await page.evaluate(() => offline.seek(13));
    await page.waitForFunction(() => offline.shown().cues.length > 0);
  });

  it('answers ranges as players ask for them', async () => {
    const { page } = await visit(await newLearner());
    await page.evaluate((id) => offline.download(id), COURSE);
    const file = await readFile(path.join(folder, 'media/long.mp3'));
    const url = (await page.evaluate((id) => offline.mediaUrl(id, 'long'), COURSE)) ?? '';
    const get = (range?: string): Promise<LocalAnswer> =>
      page.evaluate(([address, wanted]) => offline.get(address, wanted), [url, range] as const);
    const part = (from: number, to: number) => ({
      status: 206,
      contentType: 'audio/mpeg',
      contentRange: `bytes ${from}-${to}/${file.length}`,
      length: to + 1 - from,
      sha256: createHash('sha256')
        .update(file.subarray(from, to + 1))
        .digest('hex'),
    });
    const last = file.length - 1;
    expect(await get('bytes=0-1')).toEqual(part(0, 1));
    expect(await get('bytes=0-')).toEqual(part(0, last));
    expect(await get('bytes=1000000-2200000')).toEqual(part(1_000_000, 2_200_000));
    expect(await get('bytes=-500')).toEqual(part(last - 499, last));
    expect(await get(`bytes=5-${last + 1000}`)).toEqual(part(5, last));
    expect(await get()).toEqual({ ...part(0, last), status: 200, contentRange: null });
    expect(await get('bytes=0-1, 5-6')).toMatchObject({ status: 200, length: file.length });
    expect(await get(`bytes=${file.length}-`)).toMatchObject({
      status: 416,
      contentRange: `bytes */${file.length}`,
      length: 0,
    });
    expect(await page.evaluate((address) => offline.get(address), `${url}.unknown`)).toMatchObject({ status: 404 });
  });

  it('updates a course after it was imported again, and fetches only what changed', async () => {
    const { page, mediaRequests } = await visit(await newLearner());
    await page.evaluate((id) => offline.download(id), COURSE);
    const before = mediaRequests.length;
    await publish('The second text.');
    await page.waitForFunction(async (id) => {
      await offline.download(id);
      return (await offline.list())[0]?.course?.revision !== 1;
    }, COURSE);
    await show(page, 'picture');
    await page.getByText('The second text.').waitFor();
    expect(mediaRequests.slice(before).filter((url) => !url.includes('.png'))).toEqual([]);
  });

  it('goes on after the tab was closed', async () => {
    const learner = await newLearner();
    const { context, page, mediaRequests } = await visit(learner);
    // The second piece of the long recording never arrives.
    await context.route(/\/media\//, (route) =>
      route.request().headers()['range'] === `bytes=${2 ** 20}-${2 ** 21 - 1}` ? undefined : route.continue(),
    );
    await page.evaluate((id) => void offline.download(id), COURSE);
    await page.waitForFunction(() => (offline.progress()?.bytes ?? 0) > 2 ** 20);
    await page.close();
    await context.unroute(/\/media\//);

    const next = await context.newPage();
    await next.goto(site.origin());
    await open(next, learner);
    expect(await next.evaluate(() => offline.list())).toMatchObject([{ isComplete: false, isUnfinished: true }]);
    await next.evaluate((id) => offline.download(id), COURSE);
    expect(await next.evaluate(() => offline.list())).toMatchObject([{ isComplete: true, isUnfinished: false }]);
    const ofLong = mediaRequests.filter((url) => url.includes('.mp3')).length;
    // Three pieces, and the one that never arrived.
    expect(ofLong).toBe(4);
  });

  it('downloads once if two tabs are told to', async () => {
    const learner = await newLearner();
    const { context, page, mediaRequests } = await visit(learner);
    const second = await context.newPage();
    await second.goto(site.origin());
    await open(second, learner);
    await Promise.all([page, second].map((tab) => tab.evaluate((id) => offline.download(id), COURSE)));
    expect(mediaRequests.filter((url) => url.includes('.mp3'))).toHaveLength(3);
    expect(await second.evaluate(() => offline.list())).toMatchObject([{ isComplete: true }]);
  });

  it('shows nothing of another learner', async () => {
    const { page } = await visit(await newLearner());
    await page.evaluate((id) => offline.download(id), COURSE);
    const other = await newLearner();
    await open(page, other);
    expect(await page.evaluate(() => offline.list())).toEqual([]);
    expect(await page.evaluate((id) => offline.mediaUrl(id, 'long'), COURSE)).toBeNull();
  });

  const accounts = new Map<Page, HttpLearner>();

  function newLearner(): Promise<HttpLearner> {
    return registerLearner(system().apiUrl, `learner-${randomUUID()}@example.com`);
  }

  async function visit(learner: HttpLearner): Promise<{
    readonly context: BrowserContext;
    readonly page: Page;
    /** Addresses of files that were requested from the CDN, without those that tell only a size. */
    readonly mediaRequests: readonly string[];
  }> {
    const context = await browser.newContext();
    context.setDefaultTimeout(60_000);
    const mediaRequests: string[] = [];
    context.on('request', (request) => {
      const isFile = /\/(?:media|courses)\/field-recordings\/[0-9a-f]{32}\./.test(request.url());
      const isProbe = request.headers()['range'] === 'bytes=0-0' || request.method() === 'OPTIONS';
      if (isFile && !isProbe) mediaRequests.push(request.url());
    });
    const page = await context.newPage();
    await page.goto(site.origin());
    await open(page, learner);
    await page.waitForFunction(() => offline.isServed());
    return { context, page, mediaRequests };
  }

  /** Opens the downloads of an account, by default the one of before. */
  async function open(page: Page, learner = accounts.get(page)): Promise<void> {
    if (learner === undefined) throw new Error('Nobody has signed in');
    accounts.set(page, learner);
    await page.waitForFunction(() => 'offline' in globalThis);
    const { id: userId, accessToken } = learner;
    await page.evaluate((account) => offline.open(account), { baseUrl: system().apiUrl, userId, accessToken });
  }

  async function publish(text: string): Promise<void> {
    await writeFile(
      path.join(folder, 'lessons/picture.md'),
      `---\ntitle: Picture\nkind: article\n---\n\n${text}\n\n![A map](media/idea-map.png)\n`,
    );
    await importCourses([folder], { db: database.db(), store: folderStore(path.join(dataDir(), 'media')) });
  }
});

function show(page: Page, lessonId: string): Promise<void> {
  return page.evaluate(([course, lesson]) => offline.show(course, lesson), [COURSE, lessonId] as const);
}

function shown(page: Page): Promise<Shown> {
  return page.evaluate(() => offline.shown());
}

/** Makes a course of sample files. Its long recording is all episodes of a podcast, one after the other. */
async function makeCourse(folder: string): Promise<void> {
  const [sound, numbers, writing] = ['listening-to-the-world', 'seeing-with-numbers', 'writing-that-teaches'].map(
    (course) => path.join(SAMPLES, course, 'media'),
  ) as [string, string, string];
  await mkdir(path.join(folder, 'media'));
  await mkdir(path.join(folder, 'lessons'));
  for (const file of [
    `${sound}/cover.png`,
    `${numbers}/spread.mp4`,
    `${numbers}/spread.en.vtt`,
    `${writing}/idea-map.png`,
  ]) {
    await cp(file, path.join(folder, 'media', path.basename(file)));
  }
  const episodes = [
    'what-a-sound-is',
    'inside-the-ear',
    'loud-and-quiet',
    'a-walk-for-the-ears',
    'echoes-and-rooms',
    'birds-at-dawn',
  ];
  const inputs = episodes.map((episode) => `${sound}/${episode}.mp3`).join('|');
  const long = path.join(folder, 'media/long.mp3');
  execFileSync(toolPath('ffmpeg'), [
    '-loglevel',
    'error',
    '-i',
    `concat:${inputs}`,
    '-c',
    'copy',
    '-write_xing',
    '0',
    long,
  ]);
  await writeFile(
    path.join(folder, 'course.yaml'),
    `id: ${COURSE}
title: Field recordings
summary: A recording, a film and a picture.
language: en
topics: [sound]
level: beginner
access: members
authors: [Harriet Vale]
image: media/cover.png
modules:
  - id: all
    title: All
    lessons: [long, film, picture]
`,
  );
  await writeFile(
    path.join(folder, 'lessons/long.md'),
    '---\ntitle: Long\nkind: audio\nmedia: media/long.mp3\n---\n\nListen.\n',
  );
  await writeFile(
    path.join(folder, 'lessons/film.md'),
    '---\ntitle: Film\nkind: video\nmedia: media/spread.mp4\ncaptions:\n  - language: en\n    label: English\n    file: media/spread.en.vtt\n---\n\nWatch.\n',
  );
}
