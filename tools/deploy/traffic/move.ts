import { Refusal } from '../deployed/refusal.ts';
import { ALIAS, type Live, readLive } from '../deployed/versions.ts';
import { readFiring } from './alarms.ts';
import { type DeploymentGroup, findInProgress, type Move, readAlarmNames, startDeployment } from './deployment.ts';
import { describe, follow, type Outcome } from './follow.ts';
import type { Run, Target } from './target.ts';

/**
 * Moves traffic from one version to another by a deployment of the stack's group, and waits for its end. The alarm of
 * the release watches the new version before it gets any request, and the live one if the deployment fails.
 */
export async function moveTraffic(run: Run, target: Target, move: Move): Promise<Outcome> {
  const { fn, group } = target;
  await target.watch(move.to);
  const id = await startDeployment(group, move).catch(async (error: unknown) => {
    // Whatever moves traffic now, the alarm must watch that.
    const other = await findInProgress(group);
    await target.watch(other?.to ?? (await readLive(fn)).version);
    throw error;
  });
  run.print(`Deployment ${id}: version ${move.from} to ${move.to}.`);
  return finishMove(run, target, id);
}

/** Waits for the end of a deployment that runs already. */
export async function finishMove(run: Run, target: Target, id: string): Promise<Outcome> {
  const outcome = await follow(run, target, id);
  if (!outcome.succeeded) await target.watch(outcome.live.version);
  return outcome;
}

/** Moves back at once after a failed smoke test, and tells the outcome. */
export async function undo(
  run: Run,
  target: Target,
  move: { readonly from: string; readonly to: string },
): Promise<void> {
  const { succeeded, live } = await moveTraffic(run, target, {
    from: move.to,
    to: move.from,
    description: `the smoke test failed with version ${move.to}`,
    isRollback: true,
    atOnce: true,
    alarms: await quietAlarms(run, target.cloudWatch, target.group),
  });
  run.print(succeeded ? `Version ${move.from} is live again.` : `The rollback failed: ${describe(live)}.`);
}

/**
 * Returns the alarms that may stop a rollback: all but those that are on already, which would stop it at once. Null for
 * all of the group's.
 */
export async function quietAlarms(
  { print }: Pick<Run, 'print'>,
  cloudWatch: Target['cloudWatch'],
  group: DeploymentGroup,
): Promise<readonly string[] | null> {
  const names = await readAlarmNames(group);
  const firing = (await readFiring(cloudWatch, names)).map(({ name }) => name);
  if (firing.length === 0) return null;
  print(`On already, so they cannot stop the rollback: ${firing.join(', ')}.`);
  return names.filter((name) => !firing.includes(name));
}

/** @throws Refusal if the alias splits requests although no deployment runs: something else did that. */
export function assertWhole(live: Live, { fn }: Target, { environment }: Run): void {
  if (Object.keys(live.weights).length === 0) return;
  throw new Refusal(
    `No deployment is running, but the alias ${ALIAS} of ${fn.functionName} splits requests: ${describe(live)}. ` +
      `Send them all to version ${live.version} first: aws lambda update-alias --function-name ${fn.functionName} ` +
      `--name ${ALIAS} --routing-config AdditionalVersionWeights={} --region ${environment.region}`,
  );
}
