import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importCourses } from '../../publishing/import-courses.ts';
import { InvalidCourses } from '../../publishing/reporting/issue.ts';
import { folderStore } from '../../publishing/store/folder-store.ts';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { withoutPassword } from '../../tools/platform/mongo-uri.ts';
import { articleFile, audioFile, BYTES, courseYaml, PLAYLIST, writeCourse } from '../support/builders/course-folder.ts';
import { useDatabase } from '../support/database/database.ts';
import { runScript } from '../support/system/script.ts';

// Some tests start Node, which on a busy machine takes longer than jest's five seconds.
jest.setTimeout(60_000);

const { db, uri } = useDatabase();
const written: string[] = [];
let mediaDir: string;

const folderWith = async (files: Parameters<typeof writeCourse>[0] = {}) => {
  const folder = await writeCourse(files);
  written.push(folder);
  return folder;
};
const stored = async () =>
  (await readdir(mediaDir, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(mediaDir.length + 1))
    .sort();
const findLesson = (id: string) => collection(db(), COLLECTIONS.lessons).findOne({ _id: `sound-and-listening/${id}` });

beforeAll(() => migrate(db()));
beforeEach(async () => {
  mediaDir = await mkdtemp(join(tmpdir(), 'lectern-media-'));
  written.push(mediaDir);
});
afterEach(async () => {
  await Promise.all(Object.values(COLLECTIONS).map(({ name }) => db().collection(name).deleteMany({})));
});
afterAll(() => Promise.all(written.map((folder) => rm(folder, { recursive: true }))));

describe('importing', () => {
  const SOUND = {
    'course.yaml': `${courseYaml({ lessons: '[what-is-sound, the-ear]' })}image: media/cover.png\n`,
    'lessons/what-is-sound.md': audioFile(
      'transcript: media/sound.txt\ncaptions:\n  - {language: en, label: English, file: media/sound.vtt}\n',
    ),
    'lessons/the-ear.md': articleFile('See ![the ear](media/ear.png).'),
    'media/cover.png': Buffer.concat([BYTES.png, Buffer.from('cover')]),
    'media/ear.png': BYTES.png,
    'media/sound.mp3': BYTES.mp3,
    'media/sound.txt': 'A clap.\r\n',
    'media/sound.vtt': BYTES.vtt,
  };

  it('publishes the course and stores its files under names derived from their content', async () => {
    const folder = await folderWith(SOUND);
    expect(await importCourses([folder], { db: db(), store: folderStore(mediaDir) })).toEqual([
      { folder, courseId: 'sound-and-listening', lessonCount: 2, streamsLost: 0, status: 'published', revision: 1 },
    ]);

    const sound = await findLesson('what-is-sound');
    expect(sound).toMatchObject({
      recording: { file: { contentType: 'audio/mpeg', sizeBytes: BYTES.mp3.length }, stream: null },
      lesson: { durationSeconds: 1.2, transcript: 'A clap.\n', captions: [{ language: 'en', label: 'English' }] },
    });
    expect(sound?.recording?.file?.key).toBe(
      `media/sound-and-listening/${sound?.recording?.file?.sha256.slice(0, 32)}.mp3`,
    );
    expect(await readFile(join(mediaDir, sound?.recording?.file?.key ?? ''))).toEqual(BYTES.mp3);

    const ear = await findLesson('the-ear');
    const image = /lectern-asset:(?<key>[^)"]+)/.exec(ear?.lesson.markdown ?? '')?.groups?.['key'] ?? '';
    expect(ear?.lesson.html).toContain(`src="lectern-asset:${image}"`);
    expect(await readFile(join(mediaDir, image))).toEqual(BYTES.png);
    expect(sound?.recording?.transcriptFile).toMatch(/^lectern-asset:courses\/sound-and-listening\/[0-9a-f]{32}\.txt$/);
    const transcript = sound?.recording?.transcriptFile?.slice('lectern-asset:'.length) ?? '';
    expect(await readFile(join(mediaDir, transcript), 'utf8')).toBe('A clap.\r\n');
    expect(await stored()).toHaveLength(5);
  });

  it('does nothing on a repeated import', async () => {
    const folder = await folderWith(SOUND);
    await importCourses([folder], { db: db(), store: folderStore(mediaDir) });
    const before = await stored();
    expect(await importCourses([folder], { db: db(), store: folderStore(mediaDir) })).toMatchObject([
      { status: 'unchanged', revision: 1 },
    ]);
    expect(await stored()).toEqual(before);
  });

  it('stores the whole folder of a stream under a name derived from its content', async () => {
    const MASTER = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow/index.m3u8\n';
    const stream = (segment: string) => ({
      'lessons/what-is-sound.md': audioFile('', 'media/hls/master.m3u8').replace('kind: audio', 'kind: video'),
      'media/hls/master.m3u8': MASTER,
      'media/hls/low/index.m3u8': PLAYLIST,
      'media/hls/low/init.mp4': BYTES.init,
      'media/hls/low/0.m4s': Buffer.concat([BYTES.m4s, Buffer.from(segment)]),
    });
    await importCourses([await folderWith(stream('one'))], { db: db(), store: folderStore(mediaDir) });
    const one = (await findLesson('what-is-sound'))?.recording?.stream;
    await importCourses([await folderWith(stream('two'))], { db: db(), store: folderStore(mediaDir) });
    const two = (await findLesson('what-is-sound'))?.recording?.stream;

    const prefix = `media/sound-and-listening/${one?.sha256.slice(0, 32)}`;
    expect(one).toMatchObject({
      key: `${prefix}/master.m3u8`,
      contentType: 'application/vnd.apple.mpegurl',
      sizeBytes: MASTER.length + PLAYLIST.length + BYTES.init.length + BYTES.m4s.length + 3,
    });
    expect(await stored()).toEqual(expect.arrayContaining([`${prefix}/low/0.m4s`, `${prefix}/low/index.m3u8`]));
    expect(two?.key).not.toBe(one?.key);
  });

  it('stores both the file and the stream of one lesson', async () => {
    const playlist = '#EXTM3U\n#EXTINF:1.2,\n0.mp3\n#EXT-X-ENDLIST\n';
    const files = {
      ...SOUND,
      'lessons/what-is-sound.md': audioFile('stream: media/hls/master.m3u8\n'),
      'media/hls/master.m3u8': playlist,
      'media/hls/0.mp3': BYTES.mp3,
      'media/sound.txt': null,
      'media/sound.vtt': null,
    };
    await importCourses([await folderWith(files)], { db: db(), store: folderStore(mediaDir) });
    const { file, stream } = (await findLesson('what-is-sound'))?.recording ?? {};
    expect(file).toMatchObject({ contentType: 'audio/mpeg', sizeBytes: BYTES.mp3.length });
    expect(stream).toMatchObject({
      key: `media/sound-and-listening/${stream?.sha256.slice(0, 32)}/master.m3u8`,
      contentType: 'application/vnd.apple.mpegurl',
      sizeBytes: playlist.length + BYTES.mp3.length,
    });
    expect(await stored()).toEqual(
      expect.arrayContaining([file?.key, stream?.key, stream?.key.replace('master.m3u8', '0.mp3')]),
    );
  });

  it('counts the lessons that lost their stream', async () => {
    const store = folderStore(mediaDir);
    const video = (head: string) => audioFile(head, 'media/clip.mp4').replace('kind: audio', 'kind: video');
    const first = await folderWith({
      'lessons/what-is-sound.md': video('stream: media/hls/index.m3u8\n'),
      'media/clip.mp4': BYTES.mp4,
      'media/hls/index.m3u8': PLAYLIST,
      'media/hls/init.mp4': BYTES.init,
      'media/hls/0.m4s': BYTES.m4s,
    });
    expect(await importCourses([first], { db: db(), store })).toMatchObject([{ streamsLost: 0 }]);
    const alone = await folderWith({ 'lessons/what-is-sound.md': video(''), 'media/clip.mp4': BYTES.mp4 });
    expect(await importCourses([alone], { db: db(), store })).toMatchObject([{ revision: 2, streamsLost: 1 }]);
    expect(await importCourses([alone], { db: db(), store })).toMatchObject([{ status: 'unchanged', streamsLost: 0 }]);
  });

  it('writes nothing if any of the courses has an error', async () => {
    const folders = [await folderWith(SOUND), await folderWith({ 'course.yaml': courseYaml({ id: 'No' }) })];
    await expect(importCourses(folders, { db: db(), store: folderStore(mediaDir) })).rejects.toThrow(InvalidCourses);
    expect(await stored()).toEqual([]);
    expect(await collection(db(), COLLECTIONS.courses).countDocuments()).toBe(0);
  });

  it('reports its progress', async () => {
    const stages: string[] = [];
    const progress = {
      stage: (label: string, total: number, unit = 'steps') => {
        let done = 0;
        const advance = (by = 1) => {
          done += by;
        };
        return { advance, end: () => stages.push(`${label}: ${done} of ${total} ${unit}`) };
      },
    };
    const folder = await folderWith(SOUND);
    const files = Object.entries(SOUND).filter(([path]) => path.startsWith('media/'));
    const bytes = files.reduce((sum, [, content]) => sum + content.length, 0);
    await importCourses([folder], { db: db(), store: folderStore(mediaDir), progress });
    expect(stages).toEqual([
      `checking ${folder}: 2 of 2 steps`,
      `storing sound-and-listening: ${bytes} of ${bytes} bytes`,
    ]);
  });

  it('imports the sample courses', async () => {
    const samples = join(import.meta.dirname, '../../examples/courses');
    const folders = (await readdir(samples, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(samples, entry.name));
    const results = await importCourses(folders, { db: db(), store: folderStore(mediaDir) });
    expect(results.map(({ status }) => status)).toEqual(folders.map(() => 'published'));
  });
});

describe('npm run import-course', () => {
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    runScript('scripts/import-course.ts', args, env);

  const into = (store: string) => `Published to ${withoutPassword(uri())}, files in ${store}.\n`;

  it('refuses to import to a bucket with the database of npm start', async () => {
    const { code, stderr } = await run([await folderWith(), '--bucket', 'courses']);
    expect([code, stderr]).toEqual([1, 'Set MONGODB_URI to the database that readers of the bucket use.\n']);
  });

  it('publishes, and prints where, with one line per course', async () => {
    const args = [await folderWith(), '--media-dir', mediaDir];
    expect(await run(args, { MONGODB_URI: uri() })).toMatchObject({
      code: 0,
      stdout: `${into(mediaDir)}sound-and-listening: revision 1 published (1 lesson)\n`,
    });
    expect(await run(args, { MONGODB_URI: uri() })).toMatchObject({
      code: 0,
      stdout: `${into(mediaDir)}sound-and-listening: unchanged (revision 1)\n`,
    });
  });

  it('withdraws a course, which importing it again brings back', async () => {
    const withdraw = () => run(['--withdraw', 'sound-and-listening'], { MONGODB_URI: uri() });
    const args = [await folderWith(), '--media-dir', mediaDir];
    expect(await withdraw()).toMatchObject({
      code: 1,
      stderr: 'No course sound-and-listening was ever published.\n',
    });
    await run(args, { MONGODB_URI: uri() });
    expect(await withdraw()).toMatchObject({
      code: 0,
      stdout: `sound-and-listening: withdrawn from ${withoutPassword(uri())}\n`,
    });
    expect((await withdraw()).stdout).toBe('sound-and-listening: unchanged (not published)\n');
    expect((await run(args, { MONGODB_URI: uri() })).stdout).toContain('sound-and-listening: revision 2 published');
  });

  it('refuses to withdraw a course and to import others at once', async () => {
    const { code, stderr } = await run([await folderWith(), '--withdraw', 'sound-and-listening']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Use --withdraw without folders/);
  });

  it('lists and counts the errors, and fails', async () => {
    const folder = await folderWith({ 'course.yaml': courseYaml({ id: 'No', topics: '[]' }) });
    const { code, stderr } = await run([folder, '--check']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /course\.yaml:1:5 "id" .*\n.*course\.yaml:5:9 "topics" .*\n2 errors in the courses: nothing was written\.\n$/,
    );
  });

  it('prints warnings with their places, and refuses courses that have any with --strict', async () => {
    const folder = await folderWith({ 'lessons/what-is-sound.md': articleFile('A Vec<String>.\n\n[x](#nowhere)') });
    const lenient = await run([folder, '--check']);
    expect(lenient).toMatchObject({ code: 0, stdout: 'sound-and-listening: no errors (1 lesson)\n' });
    expect(lenient.stderr).toMatch(
      /what-is-sound\.md:6:6 warning: <String> .*\n.*what-is-sound\.md:8:5 warning: "#nowhere" .*\n2 warnings: --strict makes errors of them\.\n$/,
    );
    const strict = await run([folder, '--check', '--strict']);
    expect(strict.code).toBe(1);
    expect(strict.stderr).toMatch(/:6:6 .*\n.*:8:5 .*\n2 errors in the courses: nothing was written\.\n$/);
  });

  it('checks courses without a database', async () => {
    expect(await run([await folderWith(), '--check'])).toMatchObject({
      code: 0,
      stdout: 'sound-and-listening: no errors (1 lesson)\n',
    });
  });

  it.each([
    { args: ['--help'], code: 0, stream: 'stdout', text: '--media-dir DIR' },
    { args: [], code: 2, stream: 'stderr', text: 'Specify at least one folder.' },
    { args: ['--chek'], code: 2, stream: 'stderr', text: '--chek' },
  ])('explains itself when called with $args', async ({ args, code, stream, text }) => {
    expect(await run(args)).toMatchObject({ code, [stream]: expect.stringContaining(text) });
  });
});
