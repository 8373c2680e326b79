import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Downloads, type DownloadsOptions, openDownloads } from '../../client/src/downloads.ts';
import { expoFileStore } from '../../client/src/react-native/file-store.ts';
import { Directory, File } from '../support/downloads/expo-files.ts';
import { registerLearner } from '../support/system/client.ts';
import { useSystem } from '../support/system/system.ts';

/* The sample courses, downloaded as in an app for phones: to files, from the whole system over HTTP. */

const { system } = useSystem();
const PODCAST = 'listening-to-the-world';
const TEXTS = 'writing-that-teaches';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'lectern-phone-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('downloads to files', () => {
  it('have every recording, image and caption as published', async () => {
    const downloads = await open();
    for (const courseId of [PODCAST, TEXTS]) {
      const { bytes, totalBytes } = await downloads.plan(courseId);
      expect(bytes).toBeLessThan(totalBytes);
      await downloads.download(courseId);
      const course = await downloads.course(courseId);
      expect(await contentIsAsNamed(course?.image ?? '')).toBe(true);
      const outline = course?.modules.flatMap(({ lessons }) => lessons) ?? [];
      expect(outline.length).toBe(course?.['lessonCount']);
      for (const { id, kind, sizeBytes } of outline) {
        const lesson = await downloads.lesson(courseId, id);
        if (lesson === null) throw new Error(`${id} is not there`);
        expect([id, lesson.media?.sizeBytes]).toEqual([id, kind === 'article' ? undefined : sizeBytes]);
        const images = [...lesson.html.matchAll(/src="([^"]+)"/g)].map(([, src]) => src ?? '');
        const others = [lesson.media?.url, lesson.chapters?.url, ...lesson.captions.map(({ url }) => url)];
        for (const url of [...images, ...others]) {
          if (url !== undefined) expect([url, await contentIsAsNamed(url)]).toEqual([url, true]);
        }
      }
    }
    expect((await downloads.list()).map(({ isComplete }) => isComplete)).toEqual([true, true]);
  });

  it('go on after every request of theirs has failed once', async () => {
    const failed = new Set<string>();
    const downloads = await open({
      fetch: async (url, init) => {
        const request = `${url.split('?')[0]} ${new Headers(init.headers).get('Range')}`;
        if (failed.has(request)) return fetch(url, init);
        failed.add(request);
        throw new TypeError('Failed to fetch');
      },
    });
    for (;;) {
      const error = await downloads.download(PODCAST).catch((failure: unknown) => failure);
      if (error === undefined) break;
      expect(error).toMatchObject({ name: 'RequestFailed' });
    }
    expect(await downloads.list()).toMatchObject([{ courseId: PODCAST, isComplete: true }]);
  });

  it('say why a learner without access gets nothing', async () => {
    const downloads = await open();
    await expect(downloads.download('seeing-with-numbers')).rejects.toMatchObject({
      name: 'DownloadRefused',
      problem: { code: 'forbidden' },
    });
  });

  it('leave no file behind when they are removed', async () => {
    const downloads = await open();
    await downloads.download(TEXTS);
    await downloads.removeAll();
    expect(await downloads.list()).toEqual([]);
    expect(
      new Directory(folder).list().flatMap((account) => (account instanceof Directory ? account.list() : [])),
    ).toEqual([]);
  });
});

async function open(options: Partial<DownloadsOptions> = {}): Promise<Downloads> {
  const { id, accessToken } = await registerLearner(system().apiUrl, `phone-${randomUUID()}@example.com`);
  const texts = new Map<string, string>();
  return openDownloads({
    baseUrl: system().apiUrl,
    accessToken: async () => accessToken,
    userId: id,
    files: expoFileStore({ File, Directory }, new Directory(folder), async (uri) =>
      sha256(await readFile(fileURLToPath(uri))),
    ),
    storage: {
      getItem: (key) => texts.get(key) ?? null,
      setItem: (key, text) => texts.set(key, text),
      removeItem: (key) => texts.delete(key),
    },
    wait: async () => undefined,
    ...options,
  });
}

/** Files are named by the first part of their hash. */
async function contentIsAsNamed(url: string): Promise<boolean> {
  const [, hash = '?'] = /\.([0-9a-f]{32})\.\w+$/.exec(url) ?? [];
  return sha256(await readFile(fileURLToPath(url))).startsWith(hash);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
