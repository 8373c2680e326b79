import { probedFunctions } from '../../shared/config.ts';
import { logger } from '../../shared/logger.ts';
import { answerHook, type Hook, type Release, releaseOf } from './deployment.ts';
import { faultOf, invokeVersion } from './invocation.ts';
import { probeEvent } from './probe-event.ts';
import { PROBES } from './probes.ts';

/**
 * Probes the version that a deployment is about to give traffic, and tells CodeDeploy whether it may.
 *
 * A failure of the check itself counts as a failed check, because nothing is known about the version then.
 * @throws Error if CodeDeploy cannot be told. It then waits for an hour and fails the deployment.
 */
export async function checkRelease(hook: Hook): Promise<void> {
  const passed = await passes(hook).catch((error: unknown) => {
    logger().error('Release not checked', { deploymentId: hook.deploymentId, error: error as Error });
    return false;
  });
  await answerHook(hook, passed ? 'Succeeded' : 'Failed');
}

async function passes({ deploymentId }: Hook): Promise<boolean> {
  const release = await releaseOf(deploymentId);
  const probes = PROBES[nameOf(release)];
  if (probes === undefined) throw new Error(`There are no probes for ${nameOf(release)}: add them to probes.ts`);

  const target = { deploymentId, target: nameOf(release), targetVersion: release.version };
  // One after the other, and up to the first fault: a version that times out would otherwise take minutes.
  for (const [index, probe] of probes.entries()) {
    const requestId = `release-check-${deploymentId}-${index + 1}`;
    const fault = faultOf(probe, await invokeVersion(release, probeEvent(probe, requestId)));
    if (fault !== null) {
      logger().error('Release refused', { ...target, requestId, probe: `${probe.route}: ${probe.proves}`, fault });
      return false;
    }
  }
  logger().info('Release accepted', { ...target, probes: probes.length });
  return true;
}

function nameOf({ functionName }: Release): string {
  const name = probedFunctions()[functionName];
  if (name === undefined) throw new Error(`The function ${functionName} is not in PROBED_FUNCTIONS`);
  return name;
}
