import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const END_OF_DIRECTORY = Buffer.from('PK\x05\x06', 'latin1');
const STORED = 0;
const DEFLATED = 8;

/**
 * Reads one member of a zip archive in memory, by the end of its path.
 *
 * Supports stored and deflated members, but not zip64 or encryption (PKWARE APPNOTE, sections 4.3.7, 4.3.12 and
 * 4.3.16).
 */
export async function readZipMember(archive: Buffer, pathEnd: string): Promise<Buffer> {
  const end = archive.lastIndexOf(END_OF_DIRECTORY);
  if (end < 0) throw new Error('not a zip archive');

  let entry = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const nameLength = archive.readUInt16LE(entry + 28);
    const name = archive.toString('utf8', entry + 46, entry + 46 + nameLength);
    if (name.endsWith(pathEnd)) return contentOf(archive, entry);
    entry += 46 + nameLength + archive.readUInt16LE(entry + 30) + archive.readUInt16LE(entry + 32);
  }
  throw new Error(`the archive holds no ${pathEnd}`);
}

function contentOf(archive: Buffer, entry: number): Promise<Buffer> | Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const length = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const content = archive.subarray(start, start + length);

  if (method === STORED) return content;
  if (method === DEFLATED) return promisify(inflateRaw)(content);
  throw new Error(`compression method ${method} is not known`);
}
