import { type Fetch, RequestFailed } from '../platform/http.ts';
import { type FileStore, PIECE_BYTES } from './file-store.ts';
import { fetchRange } from './requests.ts';
import type { Shelf } from './shelf.ts';
import type { NeededFile } from './version.ts';

export interface Transfer {
  readonly files: FileStore;
  readonly shelf: Shelf;
  readonly send: Fetch;
  /** What is on the device, by name. */
  readonly sizes: Map<string, number>;
  /** Returns the link to a recording, a new one if `isRenewed`. */
  link(name: string, lessonId: string, isRenewed: boolean): Promise<string>;
  /** Called before each request and each write. Throws to end the transfer. */
  check(): Promise<void>;
}

/**
 * Fetches what is missing of a file, and verifies the whole.
 * @throws RequestFailed, also if the file is damaged; StorageFailed; what `check` throws
 */
export async function fetchFile(transfer: Transfer, name: string, file: NeededFile): Promise<void> {
  const { files, shelf, send, sizes, link, check } = transfer;
  const { sizeBytes, hash, url, lessonId = '' } = file;
  let offset = sizes.get(name) ?? 0;
  while (offset < sizeBytes) {
    await check();
    const from = offset;
    const to = Math.min((Math.floor(from / PIECE_BYTES) + 1) * PIECE_BYTES, sizeBytes);
    const { bytes, contentType } = await fetchRange(send, url ?? (await link(name, lessonId, false)), from, to).catch(
      async (error: unknown) => {
        if (url !== null) throw error;
        // Browsers hide why a link is refused, so any failure may mean that it has expired.
        return fetchRange(send, await link(name, lessonId, true), from, to);
      },
    );
    await check();
    await shelf.append(name, bytes, { offset, sizeBytes, contentType });
    offset = to;
    sizes.set(name, offset);
  }
  await check();
  const isIntact = offset === sizeBytes && (!files.sha256 || (await files.sha256(shelf.path(name))).startsWith(hash));
  if (isIntact) return;
  await shelf.remove(name);
  sizes.delete(name);
  throw new RequestFailed(`${name} is damaged`);
}
