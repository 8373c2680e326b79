import { dirname, join, normalize } from 'node:path/posix';
import type { Report } from './fault.ts';

/** An address in a playlist: a line of its own, or an attribute of a tag (RFC 8216 sections 4.1 and 4.2). */
const ADDRESS = /^(?<line>[^#\s].*)$|\bURI="(?<attribute>[^"]*)"/g;

/** Reports what a playlist names and its folder does not have. A stream is copied whole, and must be whole. */
export function checkPlaylist(path: string, text: string, folder: ReadonlySet<string>, report: Report): void {
  for (const [index, line] of text.split('\n').entries()) {
    for (const { groups, 0: match, index: start } of line.matchAll(ADDRESS)) {
      const address = groups?.['line'] ?? groups?.['attribute'] ?? '';
      const place = { line: index + 1, column: start + match.indexOf(address) + 1 };
      if (/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(address)) report(place, `"${address}" is not a path from this playlist`);
      else if (!folder.has(normalize(join(dirname(path), address.trim())))) {
        report(place, `there is no "${address}" in the folder of the stream`);
      }
    }
  }
}
