import { unzipSync } from 'fflate';

/**
 * Reads one member of a zip archive in memory, by the end of its path.
 * @throws Error if it is not a zip archive, or has no such member.
 */
export function readZipMember(archive: Uint8Array, pathEnd: string): Uint8Array {
  const [member] = Object.values(membersEndingIn(archive, pathEnd));
  if (member === undefined) throw new Error(`the archive has no ${pathEnd}`);
  return member;
}

function membersEndingIn(archive: Uint8Array, pathEnd: string): Readonly<Record<string, Uint8Array>> {
  try {
    return unzipSync(archive, { filter: ({ name }) => name.endsWith(pathEnd) });
  } catch (cause) {
    throw new Error('not a zip archive', { cause });
  }
}
