/** The time of the stream at the time zero of the captions: what is shown first has the timestamp 0. */
const TIMESTAMP_MAP = 'X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000';

/** Captions as the one segment of a rendition: they say at which time of the stream they start (RFC 8216 section 3.5). */
export function captionSegment(webVtt: string): string {
  const [signature = '', ...rest] = webVtt.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  return [signature, TIMESTAMP_MAP, ...rest].join('\n');
}

/** The playlist of captions that lie in one file, which may last longer than segments of other kinds (section 6.2.4). */
export function captionPlaylist(file: string, seconds: number): string {
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(seconds))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXTINF:${seconds.toFixed(6)},`,
    file,
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}
