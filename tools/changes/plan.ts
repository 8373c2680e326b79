/** What a revision would deploy, as hashes. */
export interface Sources {
  /** Of everything that makes the stack: template.yaml, samconfig.toml, and the routes of all functions. */
  readonly stack: string;
  /** Of each function's bundle, by the function's name. */
  readonly bundles: Readonly<Record<string, string>>;
}

/** What to deploy: the whole stack, some functions alone, or nothing. */
export type Plan =
  | { readonly kind: 'stack'; readonly reason: string }
  | { readonly kind: 'functions'; readonly names: readonly string[] }
  | { readonly kind: 'nothing' };

/** Decides what must be deployed where `before` is live. Null if nothing is. */
export function planOf(before: Sources | null, after: Sources): Plan {
  if (before === null) return { kind: 'stack', reason: 'nothing was deployed here yet' };
  const names = Object.keys(after.bundles);
  if (names.length !== Object.keys(before.bundles).length || names.some((name) => !(name in before.bundles))) {
    return { kind: 'stack', reason: 'a function was added or removed' };
  }
  if (before.stack !== after.stack) return { kind: 'stack', reason: 'the template, a setting or a route changed' };
  const changed = names.filter((name) => before.bundles[name] !== after.bundles[name]);
  return changed.length === 0 ? { kind: 'nothing' } : { kind: 'functions', names: changed };
}
