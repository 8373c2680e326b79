/**
 * Captions as the only segment of a rendition. They name the time on the clock of the stream, in ticks of 90 kHz, that
 * they count from (RFC 8216 section 3.5).
 */
export function captionSegment(webVtt: string, firstTimestamp: number): string {
  const [signature = '', ...rest] = webVtt.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  return [signature, `X-TIMESTAMP-MAP=MPEGTS:${firstTimestamp},LOCAL:00:00:00.000`, ...rest].join('\n');
}

/** The playlist of captions in one file, which may be longer than segments of other kinds (section 6.2.4). */
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
