/** A secret as it is kept. */
export interface StoredSecret {
  readonly value: string;
  readonly changedAt: Date;
}

/** One write. `add` never overwrites, `replace` only overwrites, `remove` may find nothing left to do. */
export type Change =
  | { readonly kind: 'add' | 'replace'; readonly name: string; readonly value: string }
  | { readonly kind: 'remove'; readonly name: string };

/** Where the secrets of a stage, or of this machine, are kept. They go by their names, such as `CURSOR_KEY`. */
export interface SecretStore {
  /** What people know this store by. */
  readonly title: string;
  /** Where a secret is, for people. */
  locate(name: string): string;
  /** Those of the names that there are, with their values. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, StoredSecret>>;
  /** Those that functions read and that there are not. */
  findMissing(): Promise<readonly string[]>;
  /** Writes in this order, or all at once. When it fails, the first few may have been written. */
  apply(changes: readonly Change[]): Promise<void>;
}
