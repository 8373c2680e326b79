import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultLine, InvalidCourses } from '../../../publishing/files/fault.ts';
import { checkCourses } from '../../../publishing/import-courses.ts';
import { measureFile } from '../../../publishing/recording/measure-file.ts';
import { misfit } from '../../../publishing/recording/measurement.ts';
import { type Measurements, measurementsIn } from '../../../publishing/recording/measurements.ts';
import { audioFile, BYTES, PLAYLIST, recording, writeCourse } from '../../support/builders/course-folder.ts';
import { silentMp3 } from '../../support/builders/mp3.ts';

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

/** The header that LAME writes in a first frame of its own, which counts the frames that follow. */
function withFrameCount(mp3: Buffer, frames: number): Buffer {
  // At 64 kbit/s a frame has the room for it.
  const first = Buffer.alloc(192);
  first.set([0xff, 0xf3, 0x84, 0xc0]);
  // After the header, and the 9 bytes of side information that a frame of one channel has in MPEG-2.
  first.write('Xing', 13);
  first.writeUInt32BE(1, 17);
  first.writeUInt32BE(frames, 21);
  return Buffer.concat([first, mp3]);
}

describe('measuring a recording', () => {
  const sound = { kind: 'audio', width: 0, height: 0 };

  it.each([
    ['an MP3', 'sound.mp3', BYTES.mp3, [{ ...sound, codec: 'mp3' }]],
    ['an MP3 that says how long it is', 'sound.mp3', withFrameCount(BYTES.mp3, 50), [{ ...sound, codec: 'mp3' }]],
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
    [
      'one with something behind it',
      'sound.m4a',
      Buffer.concat([BYTES.m4a, freeBox(64)]),
      [{ ...sound, codec: 'aac' }],
    ],
    [
      'H.264 of a profile that hardly anything plays',
      'ten-bit.mp4',
      recording('ten-bit.mp4'),
      [{ kind: 'video', codec: 'avc with 10 bits or 4:2:2', width: 16, height: 16 }],
    ],
    ['one in a codec of its own', 'alac.m4a', recording('alac.m4a'), [{ ...sound, codec: 'alac' }]],
  ])('finds how long %s lasts, and what is in it', async (_, name, bytes, tracks) => {
    expect(await measure(name, bytes)).toEqual({ durationSeconds: 1.2, tracks });
  });

  it('finds the same in one too long to be held in memory', async () => {
    const long = Buffer.concat([BYTES.mp4, freeBox(65 * 1024 * 1024)]);
    expect(await measure('clip.mp4', long)).toEqual(await measure('clip.mp4', BYTES.mp4));
  });

  it.each([
    ['an MP4 without its second half', 'clip.mp4', BYTES.mp4.subarray(0, 2200), /^is cut off after [\d.]+ s$/],
    ['an MP4 without its index', 'clip.mp4', BYTES.mp4.subarray(0, 300), /^(?:is|was|has)/],
    ['an MP3 without its second half', 'a.mp3', withFrameCount(silentMp3(1.2), 100), /: of 2.4 s there are 1.2 s$/],
    ['an MP3 of its tag alone', 'a.mp3', Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), /damaged|neither/],
    [
      'an MP3 in name',
      'a.mp3',
      Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\0', 'latin1'), BYTES.m4a]),
      /is no MP3|damaged/,
    ],
    [
      'noise',
      'a.mp4',
      Buffer.concat([Buffer.from('\0\0\0\x18ftypisom', 'latin1'), Buffer.alloc(4000, 7)]),
      /damaged|neither/,
    ],
  ])('refuses %s', async (_, name, bytes, expected) => {
    expect(await measure(name, bytes)).toMatch(expected);
  });

  it('keeps no measurement of a file that was changed while it was read', async () => {
    const folder = await writeCourse({ 'lessons/what-is-sound.md': audioFile(), 'media/sound.mp3': BYTES.mp3 });
    written.push(folder);
    const replaced: Measurements = {
      of: async (_, measure) => {
        await writeFile(join(folder, 'media/sound.mp3'), silentMp3(2.4));
        return measure();
      },
    };
    await expect(checkCourses([folder], { measurements: replaced })).rejects.toMatchObject({
      faults: [{ message: 'media/sound.mp3 was changed while it was read: import again' }],
    });
  });

  it('throws what the disk has against it', async () => {
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
    ['audio', [track('video', 'avc'), track('audio', 'aac')], 'has a video track, in a lesson that is audio'],
    ['audio', [], 'has no audio track'],
    ['video', [track('audio', 'aac')], 'has no video track'],
    ['video', [track('video', 'avc', 0)], 'has a picture without a size'],
    ['video', [track('video', 'prores')], /^has video in "prores", which not all browsers and phones play/],
    ['video', [track('video', 'av1'), track('audio', 'ac3')], /^has audio in "ac3", which not all/],
  ] as const)('for %s with %j is judged by what is in it', (kind, tracks, fault) => {
    const found = misfit(kind, { tracks: [...tracks] });
    if (fault instanceof RegExp) expect(found).toMatch(fault);
    else expect(found).toBe(fault);
  });
});

describe('the media of a lesson', () => {
  async function faultsWith(files: Parameters<typeof writeCourse>[0]): Promise<string[]> {
    const folder = await writeCourse(files);
    written.push(folder);
    try {
      await checkCourses([folder]);
      return [];
    } catch (error) {
      if (error instanceof InvalidCourses) return error.faults.map((fault) => faultLine(fault, folder));
      throw error;
    }
  }
  const videoFile = (media: string) => audioFile('', media).replace('kind: audio', 'kind: video');
  const lesson = (text: string) => ({ 'lessons/what-is-sound.md': text });

  it('may leave out how long it lasts, and is measured', async () => {
    const folder = await writeCourse({
      ...lesson(audioFile().replace('durationSeconds: 1.2\n', '')),
      'media/sound.mp3': silentMp3(2.4),
    });
    written.push(folder);
    const [course] = await checkCourses([folder]);
    expect(course?.edition.course.durationSeconds).toBe(2.4);
  });

  it('may round how long it lasts', async () => {
    const files = { ...lesson(audioFile().replace('1.2', '1')), 'media/sound.mp3': BYTES.mp3 };
    expect(await faultsWith(files)).toEqual([]);
  });

  it.each([
    [
      'audio with pictures',
      audioFile('', 'media/a.m4a'),
      BYTES.mp4,
      'a.m4a has a video track, in a lesson that is audio',
    ],
    ['video without pictures', videoFile('media/a.mp4'), BYTES.m4a, 'a.mp4 has no video track'],
    ['cut off', videoFile('media/a.mp4'), BYTES.mp4.subarray(0, 2200), 'a.mp4 is cut off after 0 s'],
    ['in an old codec', videoFile('media/a.mp4'), recording('mpeg4.mp4'), 'a.mp4 has video in "mp4v", which not all'],
    [
      'in a codec of Apple',
      audioFile('', 'media/a.m4a'),
      recording('alac.m4a'),
      'a.m4a has audio in "alac", which not',
    ],
  ])('is refused where it is named when it is %s', async (_, text, bytes, expected) => {
    const path = /media\/\w+\.\w+/.exec(text)?.[0] ?? '';
    const faults = await faultsWith({ ...lesson(text), [path]: bytes });
    expect(faults).toEqual([expect.stringContaining(`lessons/what-is-sound.md:4:8 media/${expected}`)]);
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
        'goes on',
        { 'media/hls/low.m3u8': PLAYLIST.replace('#EXT-X-ENDLIST\n', '') },
        'media/hls/low.m3u8:1:1 no #EXT-X-ENDLIST: a stream that goes on has no duration',
      ],
      [
        'does not time a segment',
        { 'media/hls/low.m3u8': PLAYLIST.replace('#EXTINF:1.200000,\n', '') },
        'media/hls/low.m3u8:7:1 no #EXTINF with the duration of "0.m4s"',
      ],
      [
        'lasts longer in one rendition',
        { 'media/hls/low.m3u8': PLAYLIST.replace('1.200000', '2.500000') },
        'media/hls/low.m3u8:1:1 lasts 2.5 s, and media/hls/high.m3u8 lasts 1.2 s',
      ],
      [
        'is empty',
        { 'media/hls/low.m3u8': '#EXTM3U\n#EXT-X-ENDLIST\n' },
        'media/hls/low.m3u8:1:1 a playlist without a segment',
      ],
      [
        'has segments of something else',
        { 'media/hls/init.mp4': BYTES.init.subarray(0, 40) },
        'media/hls/high.m3u8:1:1 the first segment has neither sound nor picture',
      ],
    ])('is refused when it %s', async (_, files, expected) => {
      expect(await faultsWith(stream(files))).toContain(expected);
    });

    it('beside a file is refused when it lasts longer or shorter', async () => {
      const playlist = '#EXTM3U\n#EXTINF:2.3,\n0.mp3\n#EXT-X-ENDLIST\n';
      const files = {
        ...lesson(audioFile('stream: media/hls/master.m3u8\n')),
        'media/sound.mp3': BYTES.mp3,
        'media/hls/0.mp3': BYTES.mp3,
        'media/hls/master.m3u8': playlist,
      };
      expect(await faultsWith(files)).toEqual([
        'lessons/what-is-sound.md:6:9 media/hls/master.m3u8 lasts 2.3 s, and media/sound.mp3 lasts 1.2 s',
      ]);
      expect(await faultsWith({ ...files, 'media/hls/master.m3u8': playlist.replace('2.3', '2.1') })).toEqual([]);
    });

    it('is refused for audio when it has pictures', async () => {
      expect(await faultsWith(stream({}, audioFile('', 'media/hls/master.m3u8')))).toEqual([
        'lessons/what-is-sound.md:4:8 media/hls/master.m3u8 has a video track, in a lesson that is audio',
      ]);
    });
  });
});

describe('measurements that are kept', () => {
  const measured = { durationSeconds: 1.2, tracks: [{ kind: 'audio' as const, codec: 'mp3', width: 0, height: 0 }] };
  const never = () => Promise.reject(new Error('measured again'));

  it('are not made again', async () => {
    const folder = await temporaryFolder();
    expect(await measurementsIn(folder).of('abc', async () => measured)).toEqual(measured);
    expect(await measurementsIn(folder).of('abc', never)).toEqual(measured);
    await expect(measurementsIn(folder).of('def', never)).rejects.toThrow('measured again');
  });

  it('leave out what is wrong with a recording', async () => {
    const folder = await temporaryFolder();
    expect(await measurementsIn(folder).of('abc', async () => 'is damaged')).toBe('is damaged');
    expect(await measurementsIn(folder).of('abc', async () => measured)).toEqual(measured);
  });

  it.each(['', '{', '[]', '{"durationSeconds":"1"}'])('are made again when a file says %j', async (content) => {
    const folder = await temporaryFolder();
    await measurementsIn(folder).of('abc', async () => measured);
    for (const name of await readdir(folder)) await writeFile(join(folder, name), content);
    expect(await measurementsIn(folder).of('abc', async () => measured)).toEqual(measured);
  });
});
