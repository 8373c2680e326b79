/** Files are fetched and stored in pieces of this size, from offset 0, so that an interruption loses one piece at most. */
export const PIECE_BYTES = 1024 * 1024;

/** Where a piece belongs. */
export interface Piece {
  /** The size of the file before. */
  readonly offset: number;
  /** The size of the whole file. */
  readonly sizeBytes: number;
  readonly contentType: string;
}

/** One folder for each account. A path is `folder/name`, of ASCII letters, digits, dots, hyphens and underscores. */
export interface FileStore {
  /** Lists a folder, with unfinished files. Empty if it does not exist. */
  list(folder: string): Promise<readonly { readonly name: string; readonly sizeBytes: number }[]>;
  /** Adds a piece to the end of a file. Creates the file, and its folder, if it does not exist. */
  append(path: string, bytes: Uint8Array, piece: Piece): Promise<unknown>;
  /** Reads a text file. Null if it does not exist. */
  read(path: string): Promise<string | null>;
  /** Deletes a file, if it exists. */
  remove(path: string): Promise<unknown>;
  /** Returns the address of a file for players and pages, such as `file:///…`. */
  url(path: string): string;
  /** Returns the SHA-256 of a file in hex. Without it, only the sizes of files are verified. */
  sha256?(path: string): Promise<string>;
}
