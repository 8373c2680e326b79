import { pruneVersions } from '../deployed/prune.ts';
import { readHistory } from '../traffic/deployment.ts';
import type { Run, Target } from '../traffic/target.ts';

/** The latest deployments, whose versions stay. */
const RECENT_DEPLOYMENTS = 5;

/** Runs the smoke test. Returns false if the API does not work. */
export async function passesSmokeTest({ smoke, print }: Run, { stack }: Target): Promise<boolean> {
  if (smoke === null) {
    print('Smoke test: not run, because no account for it is configured.');
    return true;
  }
  const { apiUrl } = stack;
  if (apiUrl === null) throw new Error(`The stack ${stack.name} has no output ApiUrl`);
  return smoke(apiUrl);
}

/** Deletes old versions of a function. That this fails is only a warning: nothing depends on it. */
export async function prune({ print, name }: Pick<Run, 'print' | 'name'>, target: Target): Promise<void> {
  const { fn, group, stackVersion } = target;
  try {
    const recent = (await readHistory(group)).slice(0, RECENT_DEPLOYMENTS);
    // A stack that is rolled back returns to its own version.
    const named = [...recent.flatMap(({ from, to }) => [from, to]), ...(stackVersion === null ? [] : [stackVersion])];
    const deleted = await pruneVersions(fn.client, { functionName: fn.functionName, named });
    if (deleted.length > 0) print(`${name}: deleted old versions ${deleted.join(', ')}.`);
  } catch (error) {
    print(`${name}: old versions were not deleted: ${error instanceof Error ? error.message : error}`);
  }
}
