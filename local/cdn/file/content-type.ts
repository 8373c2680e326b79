const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['aac', 'audio/aac'],
  ['gif', 'image/gif'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  // Chapters of a podcast (Podcasting 2.0, the `podcast:chapters` tag).
  ['json', 'application/json+chapters'],
  // RFC 8216 section 4.
  ['m3u8', 'application/vnd.apple.mpegurl'],
  ['m4a', 'audio/mp4'],
  ['m4s', 'video/iso.segment'],
  ['mp3', 'audio/mpeg'],
  ['mp4', 'video/mp4'],
  ['png', 'image/png'],
  ['ts', 'video/mp2t'],
  ['txt', 'text/plain; charset=utf-8'],
  ['vtt', 'text/vtt; charset=utf-8'],
  ['webp', 'image/webp'],
]);

/** Returns the type that a file has in the bucket, by its extension. Null for types that are never stored. */
export function contentTypeOf(key: string): string | null {
  const [, extension = ''] = /\.([a-z0-9]+)$/.exec(key) ?? [];
  return CONTENT_TYPES.get(extension) ?? null;
}
