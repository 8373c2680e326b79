import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { checkPlaylist } from '../../publishing/recording/stream-folder.ts';
import { PackagingError } from '../../publishing/stream/ffmpeg.ts';
import { type PackagingJob, packageStream } from '../../publishing/stream/package-stream.ts';
import { findProgram } from '../../tools/platform/programs.ts';
import { describeWith, toolPath } from '../support/jest/programs.ts';

// Encoding takes its time on a busy machine.
jest.setTimeout(120_000);

const run = promisify(execFile);

/** Frames of the clip: enough for two segments, and a third that is short. */
const FRAMES_PER_SECOND = 25;
const SECONDS = 14;

/** Where the recording starts on the clock of a stream, which captions refer to. */
const START = 126_000;

const PICTURE = ['-f', 'lavfi', '-i', `testsrc2=s=640x360:r=${FRAMES_PER_SECOND}:d=${SECONDS}`];
const SOUND = ['-f', 'lavfi', '-i', `sine=f=440:r=44100:d=${SECONDS}`];
const MP4 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-b:a', '96k', '-movflags', '+faststart'];

const VTT = 'WEBVTT\n\n00:00.500 --> 00:02.000\nA clap.\n\n00:12.000 --> 00:13.500\nAnother.\n';

describeWith(['ffmpeg'], 'a stream of a recording', () => {
  let folder: string;
  /** A stream of picture and sound with captions, for whatever only looks at it. */
  let stream: string;

  const inFolder = (name: string) => join(folder, name);
  const ffmpeg = (...args: string[]) => run(toolPath('ffmpeg'), ['-nostdin', '-v', 'error', '-y', ...args]);
  const order = (more: Partial<PackagingJob>): PackagingJob => ({
    ...{ ffmpeg: toolPath('ffmpeg'), input: inFolder('clip.mp4'), captions: [], folder: inFolder('stream') },
    ...more,
  });
  const withCaptions = () => ({
    captions: [
      { language: 'en', label: 'English', file: inFolder('en.vtt') },
      { language: 'de', label: 'Deutsch', file: inFolder('de.vtt') },
    ],
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lectern-stream-'));
    await ffmpeg(...PICTURE, ...SOUND, ...MP4, inFolder('clip.mp4'));
    await writeFile(inFolder('en.vtt'), VTT);
    await writeFile(inFolder('de.vtt'), `\uFEFF${VTT.replace('A clap', 'Ein Klatschen').replaceAll('\n', '\r\n')}`);
    stream = inFolder('whole');
    await packageStream(order({ folder: stream, ...withCaptions() }));
  });

  afterAll(() => rm(folder, { recursive: true }));

  const RENDITIONS = ['360p', '240p'];

  const playlistOf = (rendition: string) => readFile(join(stream, rendition, 'index.m3u8'), 'utf8');

  async function segmentsOf(rendition: string): Promise<{ seconds: number; path: string }[]> {
    const lines = (await playlistOf(rendition)).matchAll(/^#EXTINF:([\d.]+),\n(.+)$/gm);
    return [...lines].map(([, seconds, file = '']) => ({
      seconds: Number(seconds),
      path: join(stream, rendition, file),
    }));
  }

  it('has playlists that name exactly the existing files', async () => {
    const files = new Set((await filesIn(stream)).keys());
    const named = new Set(['master.m3u8']);
    const missing: string[] = [];
    for (const path of files) {
      if (!path.endsWith('.m3u8')) continue;
      const text = await readFile(join(stream, path), 'utf8');
      checkPlaylist(path, text, files, (_, message) => missing.push(`${path}: ${message}`));
      for (const [, line, uri] of text.matchAll(/^([^#\s].*)$|URI="(.*?)"/gm)) {
        named.add(join(dirname(path), line ?? uri ?? ''));
      }
    }
    expect(missing).toEqual([]);
    expect(named).toEqual(files);
  });

  it('has a master playlist that describes its renditions correctly', async () => {
    const master = await readFile(join(stream, 'master.m3u8'), 'utf8');
    const variants = [...master.matchAll(/^#EXT-X-STREAM-INF:(.*)\n(.*)$/gm)];
    expect(variants.map(([, , uri]) => uri)).toEqual(RENDITIONS.map((name) => `${name}/index.m3u8`));
    for (const [, attributes = '', uri = ''] of variants) {
      const size = uri.startsWith('360p') ? '640x360' : '426x240';
      expect(attributes).toMatch(/,CODECS="avc1\.6400[0-9a-f]{2},mp4a\.40\.2",/);
      expect(attributes).toContain(`,RESOLUTION=${size},FRAME-RATE=25.000,SUBTITLES="captions",`);

      const [, peak, average] = /^BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+),/.exec(attributes) ?? [];
      const segments = await segmentsOf(dirname(uri));
      const bits = await Promise.all(segments.map(async ({ path }) => (await stat(path)).size * 8));
      const rates = bits.map((size, index) => size / (segments[index]?.seconds ?? 0));
      expect(Number(average)).toBe(Math.ceil(bits.reduce((sum, size) => sum + size, 0) / SECONDS));
      // The last segment is too short to be a peak by itself.
      expect(Number(peak)).toBeGreaterThanOrEqual(Math.max(...rates.slice(0, -1)));
    }
  });

  it('has segments of six seconds with the same boundaries in all renditions', async () => {
    const [first, second] = await Promise.all(RENDITIONS.map(playlistOf));
    expect(first).toBe(second);
    expect((await segmentsOf('360p')).map(({ seconds }) => seconds)).toEqual([6, 6, 2]);
    for (const rendition of RENDITIONS) {
      const starts = (await segmentsOf(rendition)).map(async ({ path }) => (await framesIn(path))[0]);
      expect(await Promise.all(starts)).toEqual([0, 6, 12].map((seconds) => ({ seconds, isKeyframe: true })));
    }
  });

  it('has a keyframe every two seconds', async () => {
    for (const { path } of await segmentsOf('240p')) {
      const keyframes = (await framesIn(path)).filter(({ isKeyframe }) => isKeyframe);
      expect(keyframes.map(({ seconds }) => seconds % 6)).toEqual(path.includes('002') ? [0] : [0, 2, 4]);
    }
  });

  it('has segments that play independently', async () => {
    const segments = (await Promise.all(RENDITIONS.map(segmentsOf))).flat();
    expect(segments).toHaveLength(6);
    for (const { path, seconds } of segments) expect(await framesPlayed(path)).toBe(seconds * FRAMES_PER_SECOND);
  });

  it.each(RENDITIONS)('plays and seeks in %s, to the exact frame', async (rendition) => {
    const playlist = join(stream, rendition, 'index.m3u8');
    for (const start of [0, 0.04, 1, 5.96, 6, 7.4, 11, 12, 13.96]) {
      const left = Math.round((SECONDS - start) * FRAMES_PER_SECOND);
      expect([start, await framesPlayed(playlist, start)]).toEqual([start, left]);
    }
  });

  it('seeks through its master playlist', async () => {
    expect(await framesPlayed(join(stream, 'master.m3u8'), 9)).toBe(5 * FRAMES_PER_SECOND);
  });

  it('has the captions in the given order, each with the start time of the stream', async () => {
    const master = await readFile(join(stream, 'master.m3u8'), 'utf8');
    const tracks = [...master.matchAll(/^#EXT-X-MEDIA:TYPE=SUBTITLES.*NAME="(.*?)",LANGUAGE="(.*?)".*URI="(.*?)"$/gm)];
    expect(tracks.map(([, label, language]) => [language, label])).toEqual([
      ['en', 'English'],
      ['de', 'Deutsch'],
    ]);
    const texts: string[] = [];
    for (const [, , , uri = ''] of tracks) {
      const playlist = await readFile(join(stream, uri), 'utf8');
      const [, seconds, file = ''] = /^#EXTINF:([\d.]+),\n(.*)$/m.exec(playlist) ?? [];
      expect(Number(seconds)).toBe(SECONDS);
      texts.push(await readFile(join(stream, dirname(uri), file), 'utf8'));
    }
    const timed = VTT.replace('WEBVTT\n', `WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:${START},LOCAL:00:00:00.000\n`);
    expect(texts).toEqual([timed, timed.replace('A clap', 'Ein Klatschen')]);
  });

  it('consists of the same bytes each time', async () => {
    await packageStream(order({ folder: inFolder('again'), ...withCaptions() }));
    expect(await filesIn(inFolder('again'))).toEqual(await filesIn(stream));
  });

  it('has audio renditions for an audio recording', async () => {
    await ffmpeg(...SOUND, '-ac', '2', '-b:a', '128k', inFolder('sound.mp3'));
    await packageStream(order({ input: inFolder('sound.mp3'), folder: inFolder('sound') }));
    const master = await readFile(inFolder('sound/master.m3u8'), 'utf8');
    expect(master.match(/^.*CODECS="mp4a\.40\.2"\n.*$/gm)).toHaveLength(2);
    expect(master).not.toContain('RESOLUTION');

    const [full, half] = await Promise.all(
      ['128k', '64k'].map((name) => readFile(inFolder(`sound/${name}/index.m3u8`), 'utf8')),
    );
    expect(full).toBe(half);
    for (const start of [0, 7, 13]) {
      const frames = await framesOf(inFolder('sound/64k/index.m3u8'), '0:a:0', '-ss', `${start}`);
      const seconds = frames.reduce((sum, frame) => sum + frame.duration, 0) / 44_100;
      // Where there is no picture, ffmpeg starts with the segment that it seeks. The last frame is filled with silence.
      const ofSegment = SECONDS - Math.floor(start / 6) * 6;
      expect(Math.abs(seconds - ofSegment)).toBeLessThan(0.05);
    }
  });

  it('has no audio for a silent video', async () => {
    await ffmpeg(...PICTURE, ...MP4, inFolder('picture.mp4'));
    await packageStream(order({ input: inFolder('picture.mp4'), folder: inFolder('picture') }));
    expect(await readFile(inFolder('picture/master.m3u8'), 'utf8')).toMatch(/CODECS="avc1\.6400[0-9a-f]{2}",/);
    expect(await framesPlayed(inFolder('picture/240p/index.m3u8'), 13)).toBe(FRAMES_PER_SECOND);
  });

  it('is upright for an upright video', async () => {
    const clip = await readFile(inFolder('clip.mp4'));
    // Of the film, and then of its first track (ISO/IEC 14496-12): a quarter turn instead of none.
    const matrix = Buffer.from('000100000000000000000000000000000001000000000000', 'hex');
    const turn = Buffer.from('000000000001000000000000ffff00000000000000000000', 'hex');
    turn.copy(clip, clip.indexOf(matrix, clip.indexOf(matrix) + 1));
    await writeFile(inFolder('upright.mp4'), clip);
    await packageStream(order({ input: inFolder('upright.mp4'), folder: inFolder('upright') }));
    expect(await readFile(inFolder('upright/master.m3u8'), 'utf8')).toContain('RESOLUTION=360x640');
  });

  it('is written to an empty folder only', async () => {
    await mkdir(inFolder('empty'));
    await packageStream(order({ folder: inFolder('empty') }));
    const before = await filesIn(inFolder('empty'));
    await expect(packageStream(order({ folder: inFolder('empty') }))).rejects.toThrow('ENOTEMPTY');
    expect(await filesIn(inFolder('empty'))).toEqual(before);
  });

  describe('that cannot be made', () => {
    afterEach(async () => {
      await expect(access(inFolder('stream'))).rejects.toThrow('ENOENT');
      expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
    });

    async function reasonWith(more: Partial<PackagingJob>): Promise<string> {
      try {
        await packageStream(order(more));
      } catch (error) {
        if (error instanceof PackagingError) return error.message;
        throw error;
      }
      throw new Error('It was made');
    }

    it('quotes the error of ffmpeg', async () => {
      const clip = (await readFile(inFolder('clip.mp4'))).toString('latin1');
      await writeFile(inFolder('odd.mp4'), clip.replace('avc1\0\0', 'odd1\0\0'), 'latin1');
      expect(await reasonWith({ input: inFolder('odd.mp4') })).toMatch(
        /^ffmpeg failed \(exit code 1\): (?:.|\n)*[Dd]ecod/,
      );
    });

    it('reports a missing ffmpeg', async () => {
      expect(await reasonWith({ ffmpeg: inFolder('none') })).toContain('ENOENT');
    });

    it.each([
      ['text', VTT],
      ['next to nothing', 'x\n'],
      ['the beginning of a recording', '\0\0\0\x18ftypisom'],
    ])('says that a file is no recording when it is %s', async (_, content) => {
      await writeFile(inFolder('none.mp4'), content);
      expect(await reasonWith({ input: inFolder('none.mp4') })).toMatch(/none\.mp4 has no readable audio or video$/);
    });

    it('throws the system error for a missing file', async () => {
      await expect(packageStream(order({ input: inFolder('nowhere.mp4') }))).rejects.toThrow('ENOENT');
    });

    it('reports a truncated recording, which ffmpeg accepts', async () => {
      await cp(inFolder('clip.mp4'), inFolder('cut.mp4'));
      await truncate(inFolder('cut.mp4'), Math.round((await stat(inFolder('clip.mp4'))).size / 2));
      expect(await reasonWith({ input: inFolder('cut.mp4') })).toMatch(
        /cut\.mp4 should last 14\.0 s, but only [4-9]\.\d s can be read$/,
      );
    });

    it('leaves nothing behind when it is aborted while it writes segments', async () => {
      const stopping = new AbortController();
      const making = packageStream(order({ signal: stopping.signal }));
      const stopped = expect(making).rejects.toThrow('enough');
      await until(() => access(inFolder('.stream.unfinished/360p/segment-000.ts')));
      stopping.abort(new Error('enough'));
      await stopped;
    });
  });

  it('replaces the leftovers of an interrupted run', async () => {
    await mkdir(inFolder('.late.unfinished/240p'), { recursive: true });
    await writeFile(inFolder('.late.unfinished/240p/segment-999.ts'), 'half of a segm');
    await packageStream(order({ folder: inFolder('late') }));
    expect([...(await filesIn(inFolder('late'))).keys()]).not.toContain('240p/segment-999.ts');
  });

  it('uses the first ffmpeg on the PATH', async () => {
    const before = process.env['PATH'];
    try {
      await writeFile(inFolder('ffmpeg'), '');
      process.env['PATH'] = folder;
      expect(findProgram('ffmpeg')).toBeNull();
      await chmod(inFolder('ffmpeg'), 0o755);
      process.env['PATH'] = `/nowhere:${folder}:${before}`;
      expect(findProgram('ffmpeg')).toBe(inFolder('ffmpeg'));
    } finally {
      process.env['PATH'] = before;
    }
  });

  /** How many pictures ffmpeg shows from there to the end. */
  async function framesPlayed(file: string, start?: number): Promise<number> {
    const seek = start === undefined ? [] : ['-ss', `${start}`];
    return (await framesOf(file, '0:v:0', ...seek)).length;
  }

  /** The pictures of a segment as they are stored, by the time of the recording at which they are shown. */
  async function framesIn(file: string): Promise<{ seconds: number; isKeyframe: boolean }[]> {
    const { stdout } = await ffmpeg('-copyts', '-i', file, '-map', '0:v:0', '-c', 'copy', '-f', 'framecrc', '-');
    return linesOf(stdout).map(({ time, isKeyframe }) => ({ seconds: (time - START) / 90_000, isKeyframe }));
  }

  /** What ffmpeg decodes of a file without a word about damage. */
  async function framesOf(file: string, track: string, ...before: string[]) {
    const { stdout, stderr } = await ffmpeg(...before, '-i', file, '-map', track, '-f', 'framecrc', '-');
    expect(stderr).toBe('');
    return linesOf(stdout);
  }

  /**
   * Of ffmpeg's framecrc: stream, times of decoding and of showing, duration, size, checksum, and flags of no keyframe.
   */
  function linesOf(framecrc: string) {
    const lines = framecrc.split('\n').filter((line) => /^\d/.test(line));
    return lines.map((line) => {
      const [, , time = '', duration = ''] = line.split(',');
      return { time: Number(time), duration: Number(duration), isKeyframe: !line.includes('F=0x0') };
    });
  }
});

/** The files below a folder, by path, with what is in them. */
async function filesIn(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      paths.sort().map(async (path): Promise<[string, string]> => {
        const hash = createHash('sha256').update(await readFile(path));
        return [path.slice(folder.length + 1), hash.digest('hex')];
      }),
    ),
  );
}

/** Waits for what fails until it is so. */
async function until(condition: () => Promise<void>): Promise<void> {
  const deadline = AbortSignal.timeout(60_000);
  for (;;) {
    try {
      return await condition();
    } catch {
      await wait(5, undefined, { signal: deadline });
    }
  }
}
