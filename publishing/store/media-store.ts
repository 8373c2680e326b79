/** A file of the disk, and what it is in the media store. */
export interface StoreFile {
  readonly path: string;
  /** Made of the content: one file under one key, forever. */
  readonly key: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** Where the files of courses are served from. */
export interface MediaStore {
  /**
   * Stores a file, unless it is there already. It is there whole or not at all, whenever this is interrupted.
   * @param advance is told of the bytes that are in the store now, as they get there.
   * @throws StoreFault
   */
  put(file: StoreFile, advance: (bytes: number) => void): Promise<void>;
}

/** What keeps a file from being stored, in words for whoever imports. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';
}

/** A file that is not any more what was checked. */
export function changedSince({ path }: Pick<StoreFile, 'path'>): StoreFault {
  return new StoreFault(`${path} was changed while it was imported: import again.`);
}
