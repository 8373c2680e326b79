/** A stored secret. */
export interface StoredSecret {
  readonly value: string;
  readonly changedAt: Date;
}

/** A write. `add` never overwrites, `replace` only overwrites, `remove` succeeds even if there is nothing to remove. */
export type Change =
  | { readonly kind: 'add' | 'replace'; readonly name: string; readonly value: string }
  | { readonly kind: 'remove'; readonly name: string };

/** Stores the secrets of a stage, or of this machine, by name, such as `CURSOR_KEY`. */
export interface SecretStore {
  /** The name of the store, for people. */
  readonly title: string;
  /** Where a secret is, for people. */
  locate(name: string): string;
  /** Returns the secrets that exist, with their values. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, StoredSecret>>;
  /** Returns the names that functions read and that do not exist. */
  findMissing(): Promise<readonly string[]>;
  /** Makes the writes, in this order or all at once. If it fails, the first ones may have been made. */
  apply(changes: readonly Change[]): Promise<void>;
}
