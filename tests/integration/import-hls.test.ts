import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestFile } from '../../publishing/files/file-digest.ts';
import { importCourses } from '../../publishing/import-courses.ts';
import { folderStore } from '../../publishing/store/folder-store.ts';
import { openStreamCache } from '../../publishing/stream/stream-cache.ts';
import { COLLECTIONS, collection } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { articleFile, audioFile, BYTES, courseYaml, PLAYLIST, writeCourse } from '../support/builders/course-folder.ts';
import { useDatabase } from '../support/database/database.ts';
import { describeWith, toolPath } from '../support/jest/programs.ts';
import { runScript } from '../support/system/script.ts';

// Recordings are encoded, which takes long on a busy machine.
jest.setTimeout(60_000);

const { db, uri } = useDatabase();
const written: string[] = [];
let folder: string;

beforeAll(() => migrate(db()));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lectern-hls-'));
  written.push(folder);
});
afterEach(async () => {
  await Promise.all(Object.values(COLLECTIONS).map(({ name }) => db().collection(name).deleteMany({})));
});
afterAll(() => Promise.all(written.map((path) => rm(path, { recursive: true }))));

const CAPTIONS = 'captions:\n  - {language: en, label: English, file: media/sound.vtt}\n';
const COURSE = {
  'course.yaml': courseYaml({ lessons: '[what-is-sound, seeing, streamed, the-ear]' }),
  'lessons/what-is-sound.md': audioFile(CAPTIONS),
  'lessons/seeing.md': audioFile('', 'media/clip.mp4').replace('kind: audio', 'kind: video'),
  'lessons/streamed.md': audioFile('', 'media/hls/index.m3u8').replace('kind: audio', 'kind: video'),
  'lessons/the-ear.md': articleFile(),
  'media/sound.mp3': BYTES.mp3,
  'media/sound.vtt': BYTES.vtt,
  'media/clip.mp4': BYTES.mp4,
  'media/hls/index.m3u8': PLAYLIST,
  'media/hls/init.mp4': BYTES.init,
  'media/hls/0.m4s': BYTES.m4s,
};

const recordingOf = async (lesson: string) =>
  (await collection(db(), COLLECTIONS.lessons).findOne({ _id: `sound-and-listening/${lesson}` }))?.recording;

async function importWith(ffmpeg: string, files: Parameters<typeof writeCourse>[0] = COURSE) {
  const course = await writeCourse(files);
  written.push(course);
  const streams = await openStreamCache(join(folder, 'streams'), ffmpeg);
  return importCourses([course], { db: db(), store: folderStore(join(folder, 'media')), streams });
}

describeWith(['ffmpeg'], 'importing with streams', () => {
  it('publishes a recording as its file and as a stream of it', async () => {
    await importWith(toolPath('ffmpeg'));
    for (const lesson of ['what-is-sound', 'seeing']) {
      const { file, stream } = (await recordingOf(lesson)) ?? {};
      expect(file).not.toBeNull();
      expect(stream?.key).toMatch(/^media\/sound-and-listening\/[0-9a-f]{32}\/master\.m3u8$/);
      const playlist = await readFile(join(folder, 'media', stream?.key ?? ''), 'utf8');
      expect(playlist).toContain('#EXT-X-STREAM-INF:');
    }
    const sound = await recordingOf('what-is-sound');
    expect(await readFile(join(folder, 'media', sound?.stream?.key ?? ''), 'utf8')).toContain('TYPE=SUBTITLES');
  });

  it('leaves lessons with a stream, and articles, unchanged', async () => {
    await importWith(toolPath('ffmpeg'));
    expect(await recordingOf('streamed')).toMatchObject({ file: null, stream: { sizeBytes: expect.any(Number) } });
    expect(await recordingOf('the-ear')).toBeNull();
    expect(await readdir(join(folder, 'streams'))).toHaveLength(2);
  });

  it('encodes and stores nothing on a repeated import', async () => {
    await importWith(toolPath('ffmpeg'));
    const before = await readdir(join(folder, 'media'), { recursive: true });
    // Where there is no program, none can have been run.
    expect(await importWith('/nowhere/ffmpeg')).toMatchObject([{ status: 'unchanged' }]);
    expect(await readdir(join(folder, 'media'), { recursive: true })).toEqual(before);
  });

  it('makes a stream again that was partly deleted', async () => {
    await importWith(toolPath('ffmpeg'));
    const before = await recordingOf('seeing');
    for (const name of await readdir(join(folder, 'streams'))) await rm(join(folder, 'streams', name, 'master.m3u8'));
    expect(await importWith(toolPath('ffmpeg'))).toMatchObject([{ status: 'unchanged' }]);
    expect(await recordingOf('seeing')).toEqual(before);
  });

  it('makes a stream again after its captions changed', async () => {
    await importWith(toolPath('ffmpeg'));
    const before = (await recordingOf('what-is-sound'))?.stream?.key;
    const vtt = BYTES.vtt.toString().replace('clap', 'slap');
    await importWith(toolPath('ffmpeg'), { ...COURSE, 'media/sound.vtt': vtt });
    expect((await recordingOf('what-is-sound'))?.stream?.key).not.toBe(before);
  });

  it('publishes and stores nothing if a stream cannot be made', async () => {
    await expect(importWith('/nowhere/ffmpeg')).rejects.toThrow('ENOENT');
    expect(await collection(db(), COLLECTIONS.courses).countDocuments()).toBe(0);
    await expect(stat(join(folder, 'media'))).rejects.toThrow('ENOENT');
  });

  it('does not publish a file outside the course that a playlist disguised as a recording names', async () => {
    const beside = join(folder, 'beside.mp3');
    await writeFile(beside, BYTES.mp3);
    // An empty tag, then what ffmpeg alone would read as a playlist, then sound for all others.
    const tag = 'ID3\x04\0\0\0\0\0\0';
    const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://${beside}\n#EXT-X-ENDLIST\n#`;
    const disguised = Buffer.concat([Buffer.from(tag + playlist), BYTES.mp3]);
    const importing = importWith(toolPath('ffmpeg'), { ...COURSE, 'media/sound.mp3': disguised });
    await expect(importing).rejects.toThrow('ffmpeg failed');
    expect(await collection(db(), COLLECTIONS.courses).countDocuments()).toBe(0);
  });

  it('does not cache the stream of a recording that changes meanwhile', async () => {
    const input = join(folder, 'clip.mp4');
    await cp(join(import.meta.dirname, '../support/fixtures/media/clip.mp4'), input);
    const streams = await openStreamCache(join(folder, 'streams'), toolPath('ffmpeg'));
    const changed = streams.get({ input: { path: input, sha256: 'of another recording' }, captions: [] });
    await expect(changed).rejects.toThrow('changed during the import');
    expect(await readdir(join(folder, 'streams'))).toEqual([]);
  });

  it('may make the same stream in two concurrent imports', async () => {
    const input = join(import.meta.dirname, '../support/fixtures/media/clip.mp4');
    const recording = { input: { path: input, ...(await digestFile(input)) }, captions: [] };
    const streams = await openStreamCache(join(folder, 'streams'), toolPath('ffmpeg'));
    const [first, second] = await Promise.all([streams.get(recording), streams.get(recording)]);
    expect(second).toBe(first);
    expect(await readdir(join(folder, 'streams'))).toHaveLength(1);
    expect(await readdir(first)).toContain('master.m3u8');
  });
});

describe('the stream cache', () => {
  it('removes only the leftovers of killed imports', async () => {
    const streams = join(folder, 'streams');
    // No process has a number like this: the highest of Linux is 4,194,304.
    const names = [
      'a1.99999999',
      '.a1.99999999.unfinished',
      `b2.${process.pid}`,
      `.b2.${process.pid}.unfinished`,
      'c3',
    ];
    for (const name of names) await mkdir(join(streams, name, '720p'), { recursive: true });
    await openStreamCache(streams, 'ffmpeg');
    expect((await readdir(streams)).toSorted()).toEqual(names.slice(2).toSorted());
  });

  it('needs ffmpeg', async () => {
    const course = await writeCourse(COURSE);
    written.push(course);
    const env = { PATH: folder, MONGODB_URI: uri(), MEDIA_DIR: join(folder, 'media') };
    const { stderr, code } = await runScript('scripts/import-course.ts', [course, '--hls'], env);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        '--hls needs ffmpeg, which is not on the PATH: install it (apt-get install ffmpeg, brew install ffmpeg).\n',
    });
    expect(await collection(db(), COLLECTIONS.courses).countDocuments()).toBe(0);
  });
});
