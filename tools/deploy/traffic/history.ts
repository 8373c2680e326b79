import type { Deployment } from './deployment.ts';

/** What was live before, by the history of deployments. */
export interface Predecessor {
  readonly version: string;
  /** The deployment that replaced it. */
  readonly replacedBy: Deployment;
}

/**
 * Finds the version that was live before this one.
 *
 * Deployments are undone like edits: a rollback removes what it went back over, so a second rollback goes one further
 * back, and a version that was rolled back, or that never became live, is never returned to.
 * @param deployments successful ones, in any order
 */
export function findPredecessor(deployments: readonly Deployment[], live: string): Predecessor | null {
  const past: { version: string; by: Deployment | null }[] = [];
  for (const by of [...deployments].sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime())) {
    const earlier = past.findLastIndex(({ version }) => version === by.to);
    if (by.isRollback && earlier >= 0) {
      past.length = earlier + 1;
      continue;
    }
    // The alias was moved by something else, or this is the first known deployment.
    if (!by.isRollback && past.at(-1)?.version !== by.from) past.push({ version: by.from, by: null });
    past.push({ version: by.to, by });
  }
  const index = past.findLastIndex(({ version }) => version === live);
  const before = past[index - 1];
  const replacedBy = past[index]?.by ?? null;
  return before === undefined || replacedBy === null ? null : { version: before.version, replacedBy };
}
