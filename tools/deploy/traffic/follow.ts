import { type Live, readLive } from '../deployed/versions.ts';
import { readFiring } from './alarms.ts';
import type { DeploymentGroup } from './deployment.ts';
import {
  type Deployment,
  findInProgress,
  IN_PROGRESS,
  readAlarmNames,
  readDeployment,
  readShiftSeconds,
  readTarget,
} from './deployment.ts';
import type { Run, Target } from './target.ts';

/** How often CodeDeploy is asked. */
const POLL_MS = 5000;

/** How often a line tells that nothing has changed. */
const QUIET_MS = 30_000;

/** How long after a failure to wait for CodeDeploy to begin its rollback. */
const ROLLBACK_PATIENCE_MS = 120_000;

/** Result of a deployment: what the alias sends requests to when it has ended. */
export interface Outcome {
  readonly succeeded: boolean;
  readonly live: Live;
}

/** Thrown when the person who runs the command stops waiting. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Waits until a deployment has ended, and its rollback too if it fails. Prints its progress, and why it failed.
 * @throws Interrupted on Ctrl-C. The deployment goes on.
 */
export async function follow(run: Run, target: Target, id: string): Promise<Outcome> {
  const { group, fn } = target;
  const ended = await waitFor(run, group, id);
  if (ended.status === 'Succeeded') {
    const live = await readLive(fn);
    const succeeded = live.version === ended.to && Object.keys(live.weights).length === 0;
    if (!succeeded) run.print(`The alias is not what deployment ${id} made of it: ${describe(live)}.`);
    return { succeeded, live };
  }
  run.print(
    `Deployment ${id} ${ended.status === 'Stopped' ? 'was stopped' : 'failed'}: ${ended.error ?? 'no reason given'}`,
  );
  for (const reason of await explain(target, id)) run.print(`  ${reason}`);
  return { succeeded: false, live: await waitForRollback(run, target, ended) };
}

async function waitFor(run: Run, group: DeploymentGroup, id: string): Promise<Deployment> {
  const signal = run.interruption();
  let shiftSeconds: number | null = null;
  let printed = '';
  let printedAt = 0;
  for (;;) {
    const deployment = await readDeployment(group, id);
    if (!IN_PROGRESS.includes(deployment.status)) return deployment;
    if (deployment.configName !== null) shiftSeconds ??= await readShiftSeconds(group, deployment.configName);
    const { stage, rest } = await progressOf(run, group, deployment, shiftSeconds ?? 0);
    if (stage !== printed || run.now().getTime() - printedAt >= QUIET_MS) {
      run.print(`  ${stage}${rest}`);
      printed = stage;
      printedAt = run.now().getTime();
    }
    if (signal.aborted) throw new Interrupted(goesOn(run, deployment));
    await run.pause(POLL_MS);
  }
}

async function progressOf(run: Run, group: DeploymentGroup, { id, to }: Deployment, shiftSeconds: number) {
  const target = await readTarget(group, id);
  const running = target?.lifecycleEvents?.find(({ status }) => status === 'InProgress');
  if (running?.lifecycleEventName === 'BeforeAllowTraffic') return { stage: `Version ${to} is checked`, rest: '' };
  if (running?.lifecycleEventName !== 'AllowTraffic') return { stage: 'CodeDeploy prepares', rest: '' };
  const weight = target?.lambdaFunctionInfo?.targetVersionWeight ?? 0;
  const sinceSeconds = (run.now().getTime() - (running.startTime?.getTime() ?? 0)) / 1000;
  const left = Math.min(shiftSeconds, Math.max(0, Math.ceil(shiftSeconds - sinceSeconds)));
  return { stage: `${weight} % of requests go to version ${to}`, rest: `, ${left} s left` };
}

function goesOn({ environment, name }: Run, { id, from, to }: Deployment): string {
  return [
    `Deployment ${id} goes on in AWS, from version ${from} to ${to}.`,
    `  To follow it, run the same command again.`,
    `  To stop it and go back: npm run deploy -- ${name} --rollback --environment ${environment.name}`,
  ].join('\n');
}

/** Returns what CodeDeploy's own error does not tell: which alarms are on, and what the hook said. */
async function explain({ group, cloudWatch }: Target, id: string): Promise<readonly string[]> {
  const [target, alarms] = [await readTarget(group, id), await readFiring(cloudWatch, await readAlarmNames(group))];
  const failedEvents = (target?.lifecycleEvents ?? []).filter(({ status }) => status === 'Failed');
  return [
    ...failedEvents.map(({ lifecycleEventName, diagnostics }) =>
      [`${lifecycleEventName} failed`, diagnostics?.message].filter(Boolean).join(': '),
    ),
    ...(failedEvents.some(({ lifecycleEventName }) => lifecycleEventName === 'BeforeAllowTraffic') &&
    group.hook !== null
      ? [`Its log says why: /aws/lambda/${group.hook}`]
      : []),
    ...alarms.map(({ name, reason }) => `Alarm ${name}: ${reason}`),
  ];
}

/** Waits until CodeDeploy has moved traffic back. Returns where the alias sends requests then. */
async function waitForRollback(run: Run, { group, fn }: Target, failed: Deployment): Promise<Live> {
  const since = run.now().getTime();
  for (;;) {
    const rollback = await findInProgress(group);
    if (rollback !== null) await waitFor(run, group, rollback.id);
    const live = await readLive(fn);
    const isBack = live.version === failed.from && Object.keys(live.weights).length === 0;
    if (isBack || run.now().getTime() - since > ROLLBACK_PATIENCE_MS) return live;
    await run.pause(POLL_MS);
  }
}

export function describe({ version, weights }: Live): string {
  const shares = Object.entries(weights).map(([other, share]) => `, and ${share * 100} % of requests to ${other}`);
  return `it points to version ${version}${shares.join('')}`;
}
