import { open } from 'node:fs/promises';
import { extname } from 'node:path/posix';

/** A kind of file that a course may have: its extensions, media type and signature. */
export interface FileFormat {
  readonly extension: string;
  /** For people. */
  readonly name: string;
  readonly contentType: string;
  /** Tells whether the first {@link HEAD_BYTES} of a file have this format. Missing for texts, which are read whole. */
  readonly matches?: (head: Buffer) => boolean;
}

/** Enough for every signature below. The longest is two packets of a transport stream. */
const HEAD_BYTES = 512;

const startsWith =
  (...bytes: readonly number[]) =>
  (head: Buffer) =>
    bytes.every((byte, index) => head[index] === byte);

const hasText =
  (text: string, offset = 0) =>
  (head: Buffer) =>
    head.toString('latin1', offset, offset + text.length) === text;

/**
 * An ISO base media file starts with one of these boxes, whose name follows a length of four bytes (ISO/IEC 14496-12).
 */
const startsWithBox =
  (...boxes: readonly string[]) =>
  (head: Buffer) =>
    boxes.some((box) => hasText(box, 4)(head));

/**
 * An ID3 tag, or the sync word of a frame: eleven bits, then a version and a layer that are not reserved (ISO/IEC
 * 11172-3).
 */
function isMp3(head: Buffer): boolean {
  const [first = 0, second = 0] = head;
  return (
    hasText('ID3')(head) || (first === 0xff && second >= 0xe0 && (second & 0x18) !== 0x08 && (second & 0x06) !== 0)
  );
}

/** An ADTS frame, perhaps after an ID3 tag. The layer is always zero (ISO/IEC 13818-7). */
function isAac(head: Buffer): boolean {
  const [first = 0, second = 0] = head;
  return hasText('ID3')(head) || (first === 0xff && (second & 0xf6) === 0xf0);
}

/** Packets of 188 bytes that all start with the same byte (ISO/IEC 13818-1). */
function isTransportStream(head: Buffer): boolean {
  return head[0] === 0x47 && head[188] === 0x47;
}

const FORMATS: readonly FileFormat[] = [
  { extension: 'mp3', name: 'MP3', contentType: 'audio/mpeg', matches: isMp3 },
  { extension: 'm4a', name: 'M4A', contentType: 'audio/mp4', matches: startsWithBox('ftyp') },
  { extension: 'mp4', name: 'MP4', contentType: 'video/mp4', matches: startsWithBox('ftyp') },
  {
    extension: 'm3u8',
    name: 'HLS playlist',
    contentType: 'application/vnd.apple.mpegurl',
    matches: hasText('#EXTM3U'),
  },
  {
    extension: 'png',
    name: 'PNG',
    contentType: 'image/png',
    matches: startsWith(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
  },
  { extension: 'jpg', name: 'JPEG', contentType: 'image/jpeg', matches: startsWith(0xff, 0xd8, 0xff) },
  { extension: 'jpeg', name: 'JPEG', contentType: 'image/jpeg', matches: startsWith(0xff, 0xd8, 0xff) },
  {
    extension: 'webp',
    name: 'WebP',
    contentType: 'image/webp',
    matches: (head) => hasText('RIFF')(head) && hasText('WEBP', 8)(head),
  },
  {
    extension: 'gif',
    name: 'GIF',
    contentType: 'image/gif',
    matches: (head) => hasText('GIF87a')(head) || hasText('GIF89a')(head),
  },
  { extension: 'vtt', name: 'WebVTT', contentType: 'text/vtt' },
  // Without a charset, browsers assume a Latin one for plain text.
  { extension: 'txt', name: 'text', contentType: 'text/plain; charset=utf-8' },
  { extension: 'json', name: 'JSON', contentType: 'application/json+chapters' },
];

/** Other files that may be in the folder of an HLS playlist (RFC 8216 section 3). */
const SEGMENT_FORMATS: readonly FileFormat[] = [
  {
    extension: 'm4s',
    name: 'fragmented MP4',
    contentType: 'video/iso.segment',
    matches: startsWithBox('styp', 'moof', 'sidx', 'ftyp', 'emsg', 'prft'),
  },
  { extension: 'ts', name: 'MPEG-2 transport stream', contentType: 'video/mp2t', matches: isTransportStream },
  { extension: 'aac', name: 'AAC', contentType: 'audio/aac', matches: isAac },
];

/** The uses of a file in a course, each with the formats that it accepts. */
export const USES = {
  cover: ['png', 'jpg', 'jpeg', 'webp'],
  image: ['png', 'jpg', 'jpeg', 'webp', 'gif'],
  audio: ['mp3', 'm4a', 'm3u8'],
  video: ['mp4', 'm3u8'],
  stream: ['m3u8'],
  captions: ['vtt'],
  transcript: ['txt'],
  chapters: ['json'],
  'part of a stream': ['m3u8', 'm4s', 'mp4', 'm4a', 'mp3', 'ts', 'aac', 'vtt'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type FileUse = keyof typeof USES;

/** Returns the extension of a path, in lower case and without the dot. */
export function extensionOf(path: string): string {
  return extname(path).slice(1).toLowerCase();
}

/** Returns the media type of a key in the media store, by its extension. Null for keys that publishing never makes. */
export function contentTypeOf(key: string): string | null {
  const extension = /\.([a-z0-9]+)$/.exec(key)?.[1];
  return [...FORMATS, ...SEGMENT_FORMATS].find((format) => format.extension === extension)?.contentType ?? null;
}

/** Returns the format that a file's name promises. Undefined if this use does not accept it. */
export function formatFor(path: string, use: FileUse): FileFormat | undefined {
  const extension = extensionOf(path);
  const accepted: readonly string[] = USES[use];
  return accepted.includes(extension)
    ? [...FORMATS, ...SEGMENT_FORMATS].find((format) => format.extension === extension)
    : undefined;
}

/** Explains how the first bytes of a file contradict its name. Undefined if they do not. */
export async function signatureIssue(path: string, format: FileFormat): Promise<string | undefined> {
  const head = await headOf(path);
  if (format.matches === undefined || format.matches(head)) return undefined;
  if (head.length === 0) return 'is empty';
  const actual = [...FORMATS, ...SEGMENT_FORMATS].find(({ matches }) => matches?.(head) ?? false);
  return `is not a valid ${format.name} file${actual === undefined ? '' : `: its content is ${actual.name}`}`;
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
