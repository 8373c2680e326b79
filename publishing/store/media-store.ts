/** A file on the disk, and its key in the media store. */
export interface StoreFile {
  readonly path: string;
  /** Derived from the content: one file per key, for ever. */
  readonly key: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** Stores the files of courses, where the CDN serves them. */
export interface MediaStore {
  /**
   * Stores a file, unless it is stored already. If interrupted, the file is there whole or not at all.
   * @param advance called with the number of bytes as they are stored
   * @throws StoreError
   */
  put(file: StoreFile, advance: (bytes: number) => void): Promise<void>;
}

/** A file cannot be stored. The message is for the person who imports. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** The file has changed since it was checked. */
export function fileChanged({ path }: Pick<StoreFile, 'path'>): StoreError {
  return new StoreError(`${path} changed during the import: import again.`);
}
