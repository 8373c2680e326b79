import { confirmAccount } from '../../environment/account.ts';
import { assertStable, Refusal } from '../deployed/refusal.ts';
import { readStack } from '../deployed/stack.ts';
import { type LambdaFunction, readLive, readSettled } from '../deployed/versions.ts';
import { type Deployment, findInProgress, readHistory, stopDeployment } from '../traffic/deployment.ts';
import { describe } from '../traffic/follow.ts';
import { findPredecessor } from '../traffic/history.ts';
import { assertWhole, finishMove, moveTraffic, quietAlarms } from '../traffic/move.ts';
import { findTarget, type Run, type Target } from '../traffic/target.ts';
import { passesSmokeTest } from './finish.ts';

export interface RollBackOptions extends Run {
  /** The version to return to. Null for the one that was live before. */
  readonly to: string | null;
  /** Whether to move all traffic in one step. */
  readonly atOnce: boolean;
}

/**
 * Returns a function to an earlier version. Stops a deployment that is running, which has the same effect.
 * @returns whether that version is live, and the API works
 * @throws Refusal if it is not clear which version to return to
 */
export async function rollBack(run: RollBackOptions): Promise<boolean> {
  const { environment, name, print } = run;
  await confirmAccount(environment, print);
  const stack = await readStack(environment);
  print(`Stack ${stack.name}: ${stack.status}`);
  assertStable(stack, environment);
  const target = findTarget(run, stack);

  const running = await findInProgress(target.group);
  if (running !== null) return stop(run, target, running);
  const live = await readLive(target.fn);
  assertWhole(live, target, run);
  const to = run.to ?? (await predecessorOf(run, target, live.version));
  if (to === live.version) {
    print(`${name}: version ${to} is live already. Nothing to roll back.`);
    await target.watch(to);
    return passesSmokeTest(run, target);
  }
  await assertExists(target.fn, to);

  const outcome = await moveTraffic(run, target, {
    from: live.version,
    to,
    description: `npm run deploy -- ${name} --rollback`,
    isRollback: true,
    atOnce: run.atOnce,
    alarms: await quietAlarms(run, target.cloudWatch, target.group),
  });
  return complete(run, target, { succeeded: outcome.succeeded, wanted: to, live: outcome.live });
}

/** Stops the deployment that is running, or waits for it if it is a rollback itself. */
async function stop(run: RollBackOptions, target: Target, running: Deployment): Promise<boolean> {
  const { id, from, to, isRollback } = running;
  const wanted = isRollback ? to : from;
  if (run.to !== null && run.to !== wanted) {
    throw new Refusal(
      `Deployment ${id} from version ${from} to ${to} is running. Without --to, the rollback stops it; then run this again.`,
    );
  }
  if (isRollback) {
    run.print(`Deployment ${id} goes back from version ${from} to ${to} already.`);
    await target.watch(to);
  } else {
    run.print(`Stopping deployment ${id}, which moves from version ${from} to ${to}. Version ${from} stays live.`);
    await stopDeployment(target.group, id);
  }
  const { live } = await finishMove(run, target, id);
  // A deployment that ended before it could be stopped has moved everything.
  if (live.version === to && !isRollback) run.print(`Deployment ${id} had ended already. Run the same command again.`);
  return complete(run, target, { succeeded: live.version === wanted, wanted, live });
}

async function predecessorOf(run: Run, { group }: Target, live: string): Promise<string> {
  const predecessor = findPredecessor(await readHistory(group), live);
  if (predecessor === null) {
    throw new Refusal(
      `CodeDeploy's history does not tell what was live before version ${live}. Name it: ` +
        `npm run deploy -- ${run.name} --rollback --to <version> --environment ${run.environment.name}`,
    );
  }
  const { version, replacedBy } = predecessor;
  const time = replacedBy.createdAt.toISOString().replace(/\.\d+Z$/, 'Z');
  run.print(`Going back to version ${version}: deployment ${replacedBy.id} of ${time} replaced it by version ${live}.`);
  return version;
}

async function assertExists(fn: LambdaFunction, version: string): Promise<void> {
  await readSettled(fn, version).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    throw new Refusal(`Version ${version} of ${fn.functionName} no longer exists. Name another: --to <version>.`);
  });
}

async function complete(
  run: Run,
  target: Target,
  {
    succeeded,
    wanted,
    live,
  }: { readonly succeeded: boolean; readonly wanted: string; readonly live: Awaited<ReturnType<typeof readLive>> },
): Promise<boolean> {
  const { name, print } = run;
  if (!succeeded) {
    print(`${name}: version ${wanted} is not live: ${describe(live)}.`);
    return false;
  }
  print(`${name}: version ${wanted} is live.`);
  if (await passesSmokeTest(run, target)) return true;
  print(`The smoke test fails with version ${wanted} too. Nothing else was changed.`);
  return false;
}
