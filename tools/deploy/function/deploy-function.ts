import { type Archive, archiveOf } from '../../build/archive.ts';
import { bundleFunction } from '../../build/bundle.ts';
import { confirmAccount } from '../../environment/account.ts';
import type { Fingerprints } from '../../release/fingerprint.ts';
import { assertSameSources, assertStable, Refusal, stackCommand } from '../deployed/refusal.ts';
import { readStack } from '../deployed/stack.ts';
import { upload } from '../deployed/upload.ts';
import {
  differingProperties,
  findVersion,
  type Live,
  publish,
  readLive,
  readSettled,
  updateCode,
} from '../deployed/versions.ts';
import { type Deployment, findInProgress } from '../traffic/deployment.ts';
import { describe, type Outcome } from '../traffic/follow.ts';
import { assertWhole, finishMove, moveTraffic, undo } from '../traffic/move.ts';
import { findTarget, type Run, type Target } from '../traffic/target.ts';
import { passesSmokeTest, prune } from './finish.ts';

export interface DeployFunctionOptions extends Run {
  /** Fingerprints of the sources on this machine. */
  readonly current: Fingerprints;
  /** The commit of these sources. Null if they have changed since. */
  readonly revision: string | null;
  /** After a deployment of the stack, which may have changed the configuration. */
  readonly mayChangeConfiguration?: boolean;
}

/**
 * Deploys one function, and nothing else of the stack. Each step may be repeated, so that after any interruption the
 * next run goes on.
 * @returns whether this code is live, and the API works
 * @throws Refusal before anything live has changed, Interrupted while the deployment goes on in AWS
 */
export async function deployFunction(run: DeployFunctionOptions): Promise<boolean> {
  const { environment, name, print } = run;
  const account = await confirmAccount(environment, print);
  const stack = await readStack(environment);
  print(`Stack ${stack.name}: ${stack.status}`);
  assertStable(stack, environment);
  assertSameSources(stack, environment, run);
  const target = findTarget(run, stack);

  const { directory } = await bundleFunction(name, { root: run.root });
  const archive = await archiveOf(directory);
  print(`${name}: ${Math.ceil(archive.bytes.length / 1024)} KB, code ${archive.hash.slice(0, 12)}`);

  const running = await findInProgress(target.group);
  if (running !== null) return join(run, target, { running, archive });
  const live = await readLive(target.fn);
  assertWhole(live, target, run);
  const version = await prepareVersion(run, target, { account, archive, live });
  if (version === live.version) return confirmLive(run, target, live);

  // Once more, because building, uploading and publishing take a while.
  const { version: from } = await readLive(target.fn);
  if (from !== live.version) throw new Refusal(`Version ${from} has gone live meanwhile. Run the same command again.`);
  const outcome = await moveTraffic(run, target, { from, to: version, description: `npm run deploy -- ${name}` });
  return complete(run, target, { outcome, from, to: version });
}

/** Waits for the deployment that runs, if it is of the same code. */
async function join(
  run: DeployFunctionOptions,
  target: Target,
  { running, archive }: { readonly running: Deployment; readonly archive: Archive },
): Promise<boolean> {
  const { id, from, to, isRollback } = running;
  const { CodeSha256 } = await readSettled(target.fn, to);
  if (isRollback || CodeSha256 !== archive.codeSha256) {
    throw new Refusal(
      `Deployment ${id} from version ${from} to ${to} is running, and not of this code. Wait for its end, or stop it: ` +
        `npm run deploy -- ${run.name} --rollback --environment ${run.environment.name}`,
    );
  }
  run.print(`Deployment ${id} from version ${from} to ${to} is running already, of the same code.`);
  await target.watch(to);
  return complete(run, target, { outcome: await finishMove(run, target, id), from, to });
}

/** Returns the version with this code, which is published if there is none. */
async function prepareVersion(
  run: DeployFunctionOptions,
  { fn }: Target,
  { account, archive, live }: { readonly account: string; readonly archive: Archive; readonly live: Live },
): Promise<string> {
  const { name, print } = run;
  const { codeSha256 } = archive;
  const latest = await readSettled(fn);
  const published = await readSettled(fn, live.version);
  const changed = differingProperties(latest, published);
  if (changed.length > 0 && !run.mayChangeConfiguration) {
    throw new Refusal(
      `The configuration of ${fn.functionName} is not that of version ${live.version}, which is live ` +
        `(${changed.join(', ')}). Deploy the stack: ${stackCommand(run.environment)}`,
    );
  }
  if (changed.length > 0) print(`${name}: the configuration changes: ${changed.join(', ')}`);
  else if (published.CodeSha256 === codeSha256) return live.version;

  const existing = await findVersion(fn, codeSha256, latest);
  if (existing !== null) {
    print(`${name}: version ${existing} has this code already.`);
    return existing;
  }
  const uploaded = await upload(name, archive, { root: run.root, environment: run.environment, account });
  print(`${name}: ${uploaded.wasThere ? 'found' : 'stored'} s3://${uploaded.bucket}/${uploaded.key}`);
  if (latest.CodeSha256 !== codeSha256) {
    const updated = await updateCode(fn, uploaded, latest);
    if (updated.CodeSha256 !== codeSha256) throw new Refusal(`Somebody else is deploying ${name} at the same time.`);
  }
  const version = await publish(fn, codeSha256, versionDescription(run, archive));
  print(`${name}: published version ${version}.`);
  return version;
}

function versionDescription({ revision }: DeployFunctionOptions, { hash }: Archive): string {
  return [`code ${hash.slice(0, 12)}`, ...(revision === null ? [] : [`commit ${revision}`])].join(', ');
}

/** Nothing to deploy. An earlier run may have been interrupted after its deployment, so the rest is done again. */
async function confirmLive(run: Run, target: Target, { version }: Live): Promise<boolean> {
  const { name, print, environment } = run;
  print(`${name}: version ${version} with this code is live already. Nothing to deploy.`);
  await target.watch(version);
  if (!(await passesSmokeTest(run, target))) {
    print(`The smoke test failed. To go back: npm run deploy -- ${name} --rollback --environment ${environment.name}`);
    return false;
  }
  await prune(run, target);
  return true;
}

async function complete(
  run: Run,
  target: Target,
  { outcome, from, to }: { readonly outcome: Outcome; readonly from: string; readonly to: string },
): Promise<boolean> {
  const { name, print } = run;
  if (!outcome.succeeded) {
    print(`${name}: version ${to} is not live: ${describe(outcome.live)}.`);
    return false;
  }
  if (!(await passesSmokeTest(run, target))) {
    print(`The smoke test failed with version ${to}. Going back to version ${from}.`);
    await undo(run, target, { from, to });
    return false;
  }
  print(`${name}: version ${to} is live, before it ${from}.`);
  await prune(run, target);
  return true;
}
