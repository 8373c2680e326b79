import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { type Place, type Report, START } from '../reporting/issue.ts';

/** Longest text file, in bytes: some 150,000 words, which nobody reads as one lesson. */
const MAX_BYTES = 1024 * 1024;

const LINE_FEED = 0x0a;
const REPLACEMENT = '\uFFFD';

/**
 * Reads a text file, with line feeds only and without a byte order mark. Undefined if it is too long or not UTF-8,
 * after reporting it.
 */
export async function readText(path: string, report: Report): Promise<string | undefined> {
  // Checked before reading: parsing takes a hundred times the memory of the text.
  const { size } = await stat(path);
  if (size > MAX_BYTES) {
    report(START, `the text is too long: ${(size / 1024 / 1024).toFixed(1)} MiB, and the maximum is 1 MiB`);
    return undefined;
  }
  const bytes = await readFile(path);
  if (!isUtf8(bytes)) {
    report(firstNonUtf8(bytes), 'not valid UTF-8: save the file in this encoding');
    return undefined;
  }
  return bytes
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n');
}

function firstNonUtf8(bytes: Buffer): Place {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
    line++;
  }
  const rest = bytes.subarray(start);
  const text = rest.toString('utf8');
  let index = text.indexOf(REPLACEMENT);
  // The file may contain this character itself. Then its bytes are correct up to here.
  while (isUtf8(rest.subarray(0, Buffer.byteLength(text.slice(0, index + 1)))) && index !== -1) {
    index = text.indexOf(REPLACEMENT, index + 1);
  }
  return { line, column: index + 1 };
}
