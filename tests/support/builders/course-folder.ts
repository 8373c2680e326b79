import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The header of a frame: MPEG-2 layer III without CRC, 8 kbit/s at 24 kHz, one channel (ISO/IEC 13818-3). */
const HEADER = [0xff, 0xf3, 0x14, 0xc0];
const BYTES_PER_FRAME = (72 * 8000) / 24_000;
const SECONDS_PER_FRAME = 576 / 24_000;

/** A recording made by tests/support/fixtures/media/make.sh. */
export const recording = (name: string) => readFileSync(join(import.meta.dirname, '../fixtures/media', name));

/** Files that match their names: the first bytes of images, and recordings of 1.2 seconds. */
export const BYTES = {
  png: Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
  jpg: Buffer.from('ffd8ffe000104a464946', 'hex'),
  gif: Buffer.from('GIF89a'),
  webp: Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1'),
  mp3: silentMp3(1.2),
  m4a: recording('sound.m4a'),
  mp4: recording('clip.mp4'),
  init: recording('stream/init.mp4'),
  m4s: recording('stream/0.m4s'),
  vtt: Buffer.from('WEBVTT\n\n00:00.000 --> 00:04.000\nA clap.\n'),
} as const;

/** The playlist of a stream with one segment. */
export const PLAYLIST = recording('stream/index.m3u8').toString();

/** A course.yaml. Each argument replaces one of its values, as YAML. */
export function courseYaml({
  id = 'sound-and-listening',
  topics = '[audio, writing]',
  lessons = '[what-is-sound]',
  more = '',
}: {
  id?: string;
  topics?: string;
  lessons?: string;
  more?: string;
} = {}): string {
  return `id: ${id}
title: Sound and listening
summary: What your ears already know.
language: en
topics: ${topics}
level: beginner
access: public
authors: [Ada Moore]
modules:
  - id: basics
    title: The basics
    lessons: ${lessons}
${more}`;
}

/** The file of an article. `head` has further lines of its front matter. */
export function articleFile(body = 'Sound is what moves the air.', head = ''): string {
  return `---\ntitle: What is sound?\nkind: article\n${head}---\n\n${body}\n`;
}

/** The file of an audio lesson with six lines of front matter. */
export function audioFile(head = '', media = 'media/sound.mp3'): string {
  return `---\ntitle: What is sound?\nkind: audio\nmedia: ${media}\ndurationSeconds: 1.2\n${head}---\n\nListen first.\n`;
}

/** The files of a valid course with one article. */
const SOUND: Readonly<Record<string, string | Buffer>> = {
  'course.yaml': courseYaml(),
  'lessons/what-is-sound.md': articleFile(),
};

/**
 * Writes a course folder below the system's temporary folder and returns its path. The given files replace those of a
 * valid course, or are added to them; null removes one.
 */
export async function writeCourse(files: Readonly<Record<string, string | Buffer | null>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lectern-course-'));
  for (const [path, content] of Object.entries({ ...SOUND, ...files })) {
    if (content === null) continue;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** A silent MP3 with 1000 bytes a second. */
export function silentMp3(seconds: number): Buffer {
  const frame = Buffer.alloc(BYTES_PER_FRAME);
  frame.set(HEADER);
  return Buffer.concat(Array.from({ length: Math.round(seconds / SECONDS_PER_FRAME) }, () => frame));
}
