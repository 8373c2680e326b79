import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCourses } from '../../../publishing/import-courses.ts';
import { measureFile } from '../../../publishing/recording/measure-file.ts';
import { playbackIssue } from '../../../publishing/recording/measurement.ts';
import { type MeasurementCache, measurementCache } from '../../../publishing/recording/measurement-cache.ts';
import { InvalidCourses, issueLine } from '../../../publishing/reporting/issue.ts';
import { audioFile, BYTES, PLAYLIST, recording, silentMp3, writeCourse } from '../../support/builders/course-folder.ts';

const written: string[] = [];
afterAll(() => Promise.all(written.map((folder) => rm(folder, { recursive: true }))));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-recordings-'));
  written.push(folder);
  return folder;
}

async function measure(name: string, bytes: Buffer) {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, bytes);
  return measureFile(path);
}

/** A box that players skip: ISO/IEC 14496-12 calls it free. */
function freeBox(bytes: number): Buffer {
  const box = Buffer.alloc(bytes);
  box.writeUInt32BE(bytes);
  box.write('free', 4);
  return box;
}

/** The header frame of LAME, which counts the frames after it. */
function withFrameCount(mp3: Buffer, frames: number): Buffer {
  // At 64 kbit/s, a frame is large enough for it.
  const first = Buffer.alloc(192);
  first.set([0xff, 0xf3, 0x84, 0xc0]);
  // After the header and the 9 bytes of side information of a mono MPEG-2 frame.
  first.write('Xing', 13);
  first.writeUInt32BE(1, 17);
  first.writeUInt32BE(frames, 21);
  return Buffer.concat([first, mp3]);
}

describe('measuring a recording', () => {
  const sound = { kind: 'audio', width: 0, height: 0 };

  it.each([
    ['an MP3', 'sound.mp3', BYTES.mp3, [{ ...sound, codec: 'mp3' }]],
    ['an MP3 with a frame count', 'sound.mp3', withFrameCount(BYTES.mp3, 50), [{ ...sound, codec: 'mp3' }]],
    ['an M4A', 'sound.m4a', BYTES.m4a, [{ ...sound, codec: 'aac' }]],
    [
      'an MP4',
      'clip.mp4',
      BYTES.mp4,
      [
        { kind: 'video', codec: 'avc', width: 16, height: 16 },
        { ...sound, codec: 'aac' },
      ],
    ],
    ['one with trailing data', 'sound.m4a', Buffer.concat([BYTES.m4a, freeBox(64)]), [{ ...sound, codec: 'aac' }]],
    [
      'H.264 of a rarely supported profile',
      'ten-bit.mp4',
      recording('ten-bit.mp4'),
      [{ kind: 'video', codec: 'avc with 10 bits or 4:2:2', width: 16, height: 16 }],
    ],
    ['one in a codec that few players support', 'alac.m4a', recording('alac.m4a'), [{ ...sound, codec: 'alac' }]],
  ])('finds the duration and the tracks of %s', async (_, name, bytes, tracks) => {
    expect(await measure(name, bytes)).toEqual({ durationSeconds: 1.2, tracks });
  });

  it('gives the same result for a file that is too large for memory', async () => {
    const long = Buffer.concat([BYTES.mp4, freeBox(65 * 1024 * 1024)]);
    expect(await measure('clip.mp4', long)).toEqual(await measure('clip.mp4', BYTES.mp4));
  });

  it.each([
    ['an MP4 without its second half', 'clip.mp4', BYTES.mp4.subarray(0, 2200), /^is truncated after [\d.]+ s$/],
    ['an MP4 without its index', 'clip.mp4', BYTES.mp4.subarray(0, 300), /^(?:is|was|has)/],
    [
      'an MP3 without its second half',
      'a.mp3',
      withFrameCount(silentMp3(1.2), 100),
      /: it should last 2.4 s but ends after 1.2 s$/,
    ],
    [
      'an MP3 that is only a tag',
      'a.mp3',
      Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'),
      /damaged|has no audio or video/,
    ],
    [
      'an M4A named .mp3',
      'a.mp3',
      Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), BYTES.m4a]),
      /is not a valid MP3 file|damaged/,
    ],
    [
      'noise',
      'a.mp4',
      Buffer.concat([Buffer.from('\0\0\0\x18ftypisom', 'latin1'), Buffer.alloc(4000, 7)]),
      /damaged|has no audio or video/,
    ],
  ])('refuses %s', async (_, name, bytes, expected) => {
    expect(await measure(name, bytes)).toMatch(expected);
  });

  it('does not cache the measurement of a file that changes meanwhile', async () => {
    const folder = await writeCourse({ 'lessons/what-is-sound.md': audioFile(), 'media/sound.mp3': BYTES.mp3 });
    written.push(folder);
    const replaced: MeasurementCache = {
      get: async (_, measure) => {
        await writeFile(join(folder, 'media/sound.mp3'), silentMp3(2.4));
        return measure();
      },
    };
    await expect(checkCourses([folder], { measurements: replaced })).rejects.toMatchObject({
      issues: [{ message: 'media/sound.mp3 changed during the import: import again' }],
    });
  });

  it('throws errors of the file system', async () => {
    await expect(measureFile('/nowhere/sound.mp3')).rejects.toThrow('ENOENT');
  });
});

describe('a recording', () => {
  const track = (kind: 'audio' | 'video', codec: string, side = kind === 'video' ? 90 : 0) => ({
    ...{ kind, codec },
    ...{ width: side, height: side },
  });

  it.each([
    ['audio', [track('audio', 'mp3')], undefined],
    ['audio', [track('audio', 'aac'), track('audio', 'opus')], undefined],
    ['video', [track('video', 'avc')], undefined],
    ['video', [track('video', 'hevc'), track('audio', 'aac')], undefined],
    ['audio', [track('video', 'avc'), track('audio', 'aac')], 'has a video track, but the lesson is audio'],
    ['audio', [], 'has no audio track'],
    ['video', [track('audio', 'aac')], 'has no video track'],
    ['video', [track('video', 'avc', 0)], 'has a video track without a size'],
    ['video', [track('video', 'prores')], /^uses the video codec "prores", which some browsers and phones cannot play/],
    ['video', [track('video', 'av1'), track('audio', 'ac3')], /^uses the audio codec "ac3", which some/],
  ] as const)('suits an %s lesson by its tracks: %j', (kind, tracks, issue) => {
    const found = playbackIssue(kind, { tracks: [...tracks] });
    if (issue instanceof RegExp) expect(found).toMatch(issue);
    else expect(found).toBe(issue);
  });
});

describe('the media of a lesson', () => {
  async function issuesWith(files: Parameters<typeof writeCourse>[0]): Promise<string[]> {
    const folder = await writeCourse(files);
    written.push(folder);
    try {
      await checkCourses([folder]);
      return [];
    } catch (error) {
      if (error instanceof InvalidCourses) return error.issues.map((issue) => issueLine(issue, folder));
      throw error;
    }
  }
  const videoFile = (media: string) => audioFile('', media).replace('kind: audio', 'kind: video');
  const lesson = (text: string) => ({ 'lessons/what-is-sound.md': text });

  it('is measured if the lesson states no duration', async () => {
    const folder = await writeCourse({
      ...lesson(audioFile().replace('durationSeconds: 1.2\n', '')),
      'media/sound.mp3': silentMp3(2.4),
    });
    written.push(folder);
    const [course] = await checkCourses([folder]);
    expect(course?.edition.course.durationSeconds).toBe(2.4);
  });

  it('may have a rounded duration in the lesson', async () => {
    const files = { ...lesson(audioFile().replace('1.2', '1')), 'media/sound.mp3': BYTES.mp3 };
    expect(await issuesWith(files)).toEqual([]);
  });

  it.each([
    [
      'audio with a video track',
      audioFile('', 'media/a.m4a'),
      BYTES.mp4,
      'a.m4a has a video track, but the lesson is audio',
    ],
    ['video without a video track', videoFile('media/a.mp4'), BYTES.m4a, 'a.mp4 has no video track'],
    ['truncated', videoFile('media/a.mp4'), BYTES.mp4.subarray(0, 2200), 'a.mp4 is truncated after 0 s'],
    [
      'in an old codec',
      videoFile('media/a.mp4'),
      recording('mpeg4.mp4'),
      'a.mp4 uses the video codec "mp4v", which some',
    ],
    [
      'in an Apple codec',
      audioFile('', 'media/a.m4a'),
      recording('alac.m4a'),
      'a.m4a uses the audio codec "alac", which some',
    ],
  ])('is refused, at the place that names it, when it is %s', async (_, text, bytes, expected) => {
    const path = /media\/\w+\.\w+/.exec(text)?.[0] ?? '';
    const issues = await issuesWith({ ...lesson(text), [path]: bytes });
    expect(issues).toEqual([expect.stringContaining(`lessons/what-is-sound.md:4:8 media/${expected}`)]);
  });

  describe('as a stream', () => {
    const stream = (files: Record<string, string | Buffer>, text = videoFile('media/hls/master.m3u8')) => ({
      ...lesson(text.replace('durationSeconds: 1.2\n', '')),
      'media/hls/master.m3u8':
        '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=2\nhigh.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n',
      'media/hls/high.m3u8': PLAYLIST,
      'media/hls/low.m3u8': PLAYLIST,
      'media/hls/init.mp4': BYTES.init,
      'media/hls/0.m4s': BYTES.m4s,
      ...files,
    });

    it('lasts as long as its segments', async () => {
      const twice = PLAYLIST.replace('#EXT-X-ENDLIST', '#EXTINF:0.8,\n1.m4s\n#EXT-X-ENDLIST');
      const files = { 'media/hls/high.m3u8': twice, 'media/hls/low.m3u8': twice, 'media/hls/1.m4s': BYTES.m4s };
      const folder = await writeCourse(stream(files));
      written.push(folder);
      const [course] = await checkCourses([folder]);
      expect(course?.edition.course.durationSeconds).toBe(2);
    });

    it.each([
      [
        'has no end',
        { 'media/hls/low.m3u8': PLAYLIST.replace('#EXT-X-ENDLIST\n', '') },
        'media/hls/low.m3u8:1:1 no #EXT-X-ENDLIST: live streams are not supported',
      ],
      [
        'has a segment without a duration',
        { 'media/hls/low.m3u8': PLAYLIST.replace('#EXTINF:1.200000,\n', '') },
        'media/hls/low.m3u8:7:1 "0.m4s" has no #EXTINF with its duration',
      ],
      [
        'has renditions of different durations',
        { 'media/hls/low.m3u8': PLAYLIST.replace('1.200000', '2.500000') },
        'media/hls/low.m3u8:1:1 lasts 2.5 s, but media/hls/high.m3u8 lasts 1.2 s',
      ],
      [
        'is empty',
        { 'media/hls/low.m3u8': '#EXTM3U\n#EXT-X-ENDLIST\n' },
        'media/hls/low.m3u8:1:1 the playlist has no segments',
      ],
      [
        'has unreadable segments',
        { 'media/hls/init.mp4': BYTES.init.subarray(0, 40) },
        'media/hls/high.m3u8:1:1 the first segment has no audio or video',
      ],
    ])('is refused when it %s', async (_, files, expected) => {
      expect(await issuesWith(stream(files))).toContain(expected);
    });

    it('is refused if its duration differs from that of the file beside it', async () => {
      const playlist = '#EXTM3U\n#EXTINF:2.3,\n0.mp3\n#EXT-X-ENDLIST\n';
      const files = {
        ...lesson(audioFile('stream: media/hls/master.m3u8\n')),
        'media/sound.mp3': BYTES.mp3,
        'media/hls/0.mp3': BYTES.mp3,
        'media/hls/master.m3u8': playlist,
      };
      expect(await issuesWith(files)).toEqual([
        'lessons/what-is-sound.md:6:9 media/hls/master.m3u8 lasts 2.3 s, but media/sound.mp3 lasts 1.2 s',
      ]);
      expect(await issuesWith({ ...files, 'media/hls/master.m3u8': playlist.replace('2.3', '2.1') })).toEqual([]);
    });

    it('is refused for audio if it has a video track', async () => {
      expect(await issuesWith(stream({}, audioFile('', 'media/hls/master.m3u8')))).toEqual([
        'lessons/what-is-sound.md:4:8 media/hls/master.m3u8 has a video track, but the lesson is audio',
      ]);
    });
  });
});

describe('the measurement cache', () => {
  const measured = { durationSeconds: 1.2, tracks: [{ kind: 'audio' as const, codec: 'mp3', width: 0, height: 0 }] };
  const never = () => Promise.reject(new Error('measured again'));

  it('measures each recording once', async () => {
    const folder = await temporaryFolder();
    expect(await measurementCache(folder).get('abc', async () => measured)).toEqual(measured);
    expect(await measurementCache(folder).get('abc', never)).toEqual(measured);
    await expect(measurementCache(folder).get('def', never)).rejects.toThrow('measured again');
  });

  it('does not cache errors', async () => {
    const folder = await temporaryFolder();
    expect(await measurementCache(folder).get('abc', async () => 'is damaged')).toBe('is damaged');
    expect(await measurementCache(folder).get('abc', async () => measured)).toEqual(measured);
  });

  it.each(['', '{', '[]', '{"durationSeconds":"1"}'])('measures again when its file contains %j', async (content) => {
    const folder = await temporaryFolder();
    await measurementCache(folder).get('abc', async () => measured);
    for (const name of await readdir(folder)) await writeFile(join(folder, name), content);
    expect(await measurementCache(folder).get('abc', async () => measured)).toEqual(measured);
  });
});
