import type { Place } from '../reporting/issue.ts';

/** The content of an HLS playlist (RFC 8216 section 4), with addresses as written. */
export interface Playlist {
  /** Playlists with sound or pictures of the same recording. Empty in a media playlist. */
  readonly renditions: readonly Addressed[];
  readonly segments: readonly (Addressed & {
    /** Undefined in a master playlist. */
    readonly durationSeconds: number | undefined;
    /** The initialization section that it needs. */
    readonly map: string | undefined;
  })[];
  /** Whether the playlist is final. */
  readonly ended: boolean;
}

interface Addressed {
  readonly address: string;
  readonly place: Place;
}

/** Reads the parts of a playlist that matter: its duration and the addresses in it. */
export function readPlaylist(text: string): Playlist {
  const renditions: Addressed[] = [];
  const segments: Playlist['segments'][number][] = [];
  let variant = false;
  let durationSeconds: number | undefined;
  let map: string | undefined;

  const lines = text.split('\n').map((line) => line.trim());
  for (const [index, line] of lines.entries()) {
    const place = { line: index + 1, column: 1 };
    if (line.startsWith('#EXT-X-STREAM-INF:')) variant = true;
    else if (line.startsWith('#EXT-X-MAP:')) map = uriOf(line);
    else if (line.startsWith('#EXTINF:')) durationSeconds = durationOf(line);
    else if (/^#EXT-X-MEDIA:.*\bTYPE=(?:AUDIO|VIDEO)\b/.test(line)) {
      const address = uriOf(line);
      if (address !== undefined) renditions.push({ address, place });
    } else if (line !== '' && !line.startsWith('#')) {
      if (variant) renditions.push({ address: line, place });
      else segments.push({ address: line, place, durationSeconds, map });
      variant = false;
      durationSeconds = undefined;
    }
  }
  return { renditions, segments, ended: lines.includes('#EXT-X-ENDLIST') };
}

function uriOf(tag: string): string | undefined {
  return /\bURI="(?<uri>[^"]*)"/.exec(tag)?.groups?.['uri'];
}

function durationOf(tag: string): number | undefined {
  const digits = /^#EXTINF:(?<seconds>\d+(?:\.\d+)?)(?:,|$)/.exec(tag)?.groups?.['seconds'];
  return digits === undefined ? undefined : Number(digits);
}
