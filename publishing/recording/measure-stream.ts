import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path/posix';
import { buffer } from 'node:stream/consumers';
import { type ReportIn, START } from '../reporting/issue.ts';
import { tracksIn } from './measure-file.ts';
import type { Measurement, Track } from './measurement.ts';
import { type Playlist, readPlaylist } from './playlist.ts';
import type { StreamFolder } from './stream-folder.ts';

/** A stream whose playlists name only files that exist. */
type CompleteStream = Pick<StreamFolder, 'master' | 'fileAt'>;

/** Measures a stream by its playlists and the first segment of each. Undefined if it cannot, after reporting why. */
export async function measureStream(
  { master, fileAt }: CompleteStream,
  reportIn: ReportIn,
): Promise<Measurement | undefined> {
  const read = async (path: string) => readPlaylist(await readFile(fileAt(path), 'utf8'));
  const { renditions } = await read(master);
  const paths =
    renditions.length === 0 ? [master] : [...new Set(renditions.map(({ address }) => beside(master, address)))];

  const tracks: Track[] = [];
  let first: { readonly path: string; readonly seconds: number; readonly longestSegment: number } | undefined;
  let isValid = true;
  for (const path of paths) {
    const report = reportIn(path);
    const playlist = await read(path);
    const length = lengthOf(playlist, report);
    const found = length && (await tracksOf(path, playlist, fileAt));
    if (length === undefined || found === undefined || typeof found === 'string') {
      if (typeof found === 'string') report(START, found);
      isValid = false;
      continue;
    }
    tracks.push(...found);
    first ??= { path, ...length };
    // Encoders end the last segment of each rendition with its own last frame.
    if (Math.abs(length.seconds - first.seconds) > first.longestSegment) {
      report(START, `lasts ${length.seconds} s, but ${first.path} lasts ${first.seconds} s`);
      isValid = false;
    }
  }
  return isValid && first !== undefined ? { durationSeconds: first.seconds, tracks } : undefined;
}

/** Returns the duration of a media playlist. Undefined if it does not say, after reporting it. */
function lengthOf({ segments, ended }: Playlist, report: ReturnType<ReportIn>) {
  const untimed = segments.find(({ durationSeconds }) => durationSeconds === undefined);
  if (segments.length === 0) report(START, 'the playlist has no segments');
  else if (untimed !== undefined) report(untimed.place, `"${untimed.address}" has no #EXTINF with its duration`);
  else if (!ended) report(START, 'no #EXT-X-ENDLIST: live streams are not supported');
  else {
    const durations = segments.map(({ durationSeconds = 0 }) => durationSeconds);
    const seconds = Math.round(durations.reduce((sum, duration) => sum + duration, 0) * 1000) / 1000;
    if (seconds > 0) return { seconds, longestSegment: Math.max(...durations) };
    report(START, 'the stream has no duration');
  }
  return undefined;
}

/** Measures the first segment of a playlist. All segments of a packaged stream have the same tracks. */
async function tracksOf(playlist: string, { segments }: Playlist, fileAt: CompleteStream['fileAt']) {
  const [first] = segments;
  if (first === undefined) return undefined;
  // One file can hold both, as byte ranges; then it starts with the initialization section.
  const files = new Set([first.map ?? first.address, first.address].map((address) => beside(playlist, address)));
  const parts = await Promise.all([...files].map((path) => beginningOf(fileAt(path))));
  const found = await tracksIn(Buffer.concat(parts));
  return typeof found === 'string' ? `the first segment ${found}` : found;
}

function beside(playlist: string, address: string): string {
  return join(dirname(playlist), address);
}

/** Enough of a segment to know its tracks, even if one file holds all segments. */
const BEGINNING_BYTES = 16 * 1024 * 1024;

function beginningOf(path: string): Promise<Buffer> {
  return buffer(createReadStream(path, { end: BEGINNING_BYTES - 1 }));
}
