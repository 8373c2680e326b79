import { createHash } from 'node:crypto';
import { dirname, join, normalize } from 'node:path/posix';
import { digestFile } from '../files/file-digest.ts';
import { mapConcurrent } from '../files/map-concurrent.ts';
import { readText } from '../files/text-file.ts';
import { type Report, type ReportIn, START } from '../reporting/issue.ts';
import { type Asset, keyOf } from './asset.ts';
import type { FileFormat } from './file-format.ts';

/** The folder of a stream. All of its files are stored, and served to everyone who may play it. */
export interface StreamFolder {
  readonly courseId: string;
  /** The path of the master playlist, which names the stream. */
  readonly master: string;
  readonly parts: ReadonlyMap<string, FileFormat>;
  /** Where a file of the course is on the disk. */
  fileAt(path: string): string;
}

const DIGESTS_AT_ONCE = 4;

/** Opens a stream. Undefined if its playlists name files that it lacks, after reporting them. */
export async function readStreamFolder(
  { courseId, master, parts, fileAt }: StreamFolder,
  reportIn: ReportIn,
): Promise<Asset | undefined> {
  const root = `${dirname(master)}/`;
  let issueCount = 0;
  for (const [path, { extension }] of parts) {
    const report: Report = (place, message) => {
      issueCount++;
      reportIn(path)(place, message);
    };
    if (NOT_IN_ADDRESSES.test(path.slice(root.length))) {
      report(START, 'file names in a stream must not contain ?, #, % or control characters');
    }
    if (extension !== 'm3u8') continue;
    const text = await readText(fileAt(path), report);
    if (text !== undefined) checkPlaylist(path, text, parts, report);
  }
  if (issueCount > 0) return undefined;

  const files = await mapConcurrent(DIGESTS_AT_ONCE, [...parts], async ([path, { contentType }]) => ({
    ...{ path, name: path.slice(root.length), contentType },
    ...(await digestFile(fileAt(path))),
  }));
  // The output format of sha256sum, so that anybody can check it.
  const lines = files.map(({ name, sha256 }) => `${sha256}  ${name}\n`);
  const sha256 = createHash('sha256').update(lines.toSorted(byCodeUnits).join('')).digest('hex');
  const keyIn = (name: string) => `${keyOf('media', courseId, sha256)}/${name}`;
  return {
    kind: 'stream',
    key: keyIn(master.slice(root.length)),
    contentType: parts.get(master)?.contentType ?? '',
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    sha256,
    files: files.map(({ path, name, ...file }) => ({ ...file, path: fileAt(path), key: keyIn(name) })),
  };
}

/**
 * Characters that mean something else in an address than in a file name. Players encode letters of any kind and spaces.
 */
const NOT_IN_ADDRESSES = /[?#%\p{Cc}]/u;

/**
 * An address in a playlist: its own line, or an attribute of a tag (RFC 8216 sections 4.1 and 4.2). Players ignore
 * leading white space.
 */
const ADDRESS = /^\s*(?<line>[^#\s].*)$|\bURI="(?<attribute>[^"]*)"/g;

/** Reports files that a playlist names and its folder lacks. A stream is copied whole, so it must be complete. */
export function checkPlaylist(
  path: string,
  text: string,
  folder: Pick<ReadonlySet<string>, 'has'>,
  report: Report,
): void {
  for (const [index, line] of text.split('\n').entries()) {
    for (const { groups, 0: match, index: start } of line.matchAll(ADDRESS)) {
      const address = groups?.['line'] ?? groups?.['attribute'] ?? '';
      const place = { line: index + 1, column: start + match.indexOf(address) + 1 };
      if (/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(address))
        report(place, `"${address}" must be a path relative to this playlist`);
      else if (!folder.has(normalize(join(dirname(path), address.trim())))) {
        report(place, `"${address}" is not in the stream folder`);
      }
    }
  }
}

/** Sorts as `LC_ALL=C sort` does with the hexadecimal digits at the start of lines. */
function byCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
