import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { probeEvent } from '../../functions/release-check/probe-event.ts';
import { PROBES } from '../../functions/release-check/probes.ts';
import { type Invoked, invokeVersion, type PublishedVersion } from '../support/aws/lambda-versions.ts';
import { deploy } from '../support/cloudwatch/deployment.ts';
import { useDatabase } from '../support/database/database.ts';
import { BREAKAGES, type Breakage, useBundles } from '../support/functions/broken-bundles.ts';
import { logicalIdOf, SERVING_FUNCTIONS, usePublishedVersions } from '../support/functions/published-versions.ts';

const database = useDatabase();
const bundles = useBundles();
const publish = usePublishedVersions(database);

const [OLD, NEW] = ['6', '7'];

/** `Canary10Percent5Minutes`: how long the new version gets a tenth of the traffic. */
const CANARY_MINUTES = 5;
/** At one request a second. */
const NEW_REQUESTS = 6;
const OLD_REQUESTS = 54;

const events = path.resolve(import.meta.dirname, '../../events');

/** Invokes a version once for each sample event of its function. */
async function sampleOutcomes(version: PublishedVersion): Promise<readonly Invoked[]> {
  const folder = path.join(events, version.fn.name);
  const samples = readdirSync(folder).map((file): unknown =>
    JSON.parse(readFileSync(path.join(folder, file), 'utf8').replaceAll(/<[\w ]+>/g, 'placeholder-placeholder')),
  );
  const outcomes: Invoked[] = [];
  for (const event of samples) outcomes.push(await invokeVersion(version, event));
  return outcomes;
}

const known = new Map<string, Promise<readonly Invoked[]>>();

/** Returns the same outcomes again, because they do not depend on anything before. */
function once(key: string, invoke: () => Promise<readonly Invoked[]>): Promise<readonly Invoked[]> {
  const outcomes = known.get(key) ?? invoke();
  known.set(key, outcomes);
  return outcomes;
}

/** Invokes a version once for each probe, which the function answers or refuses as it should. */
function healthyOutcomes(name: string, version = OLD): Promise<readonly Invoked[]> {
  return once(`${name} ${version}`, async () => {
    const published = publish(name, await bundles.working(name), { version });
    const outcomes: Invoked[] = [];
    for (const probe of PROBES[name] ?? []) outcomes.push(await invokeVersion(published, probeEvent(probe, 'request')));
    return outcomes;
  });
}

/** Invokes a broken version once for each sample event. */
function brokenOutcomes(name: string, breakage: Breakage): Promise<readonly Invoked[]> {
  const isSlow = breakage === 'never answers';
  return once(`${name} ${breakage}`, async () =>
    sampleOutcomes(publish(name, await bundles.broken(name, breakage), { version: NEW, isSlow })),
  );
}

/** Repeats outcomes in turn. */
function repeat(outcomes: readonly Invoked[], times: number): readonly Invoked[] {
  return Array.from({ length: times }, (_, index) => outcomes[index % outcomes.length] as Invoked);
}

/** Counts the same traffic in each minute of a canary. */
function countCanary(name: string, ofOld: readonly Invoked[], ofNew: readonly Invoked[], isWeighted = true) {
  const deployment = deploy(logicalIdOf(name), NEW, isWeighted);
  for (let minute = 0; minute < CANARY_MINUTES; minute += 1) {
    for (const invoked of ofOld) deployment.count(invoked, { minute, version: OLD });
    for (const invoked of ofNew) deployment.count(invoked, { minute, version: NEW });
  }
  return deployment;
}

function isFailure({ outcome }: Invoked): boolean {
  if (outcome.kind === 'failed') return outcome.error.message !== 'Unauthorized';
  const { statusCode } = JSON.parse(outcome.json) as { readonly statusCode?: number };
  return (statusCode ?? 0) >= 500;
}

describe.each(SERVING_FUNCTIONS)('a canary of %s at one request a second', (name) => {
  it.each(BREAKAGES)('is rolled back if the new version %s', async (breakage) => {
    const [healthy, broken] = [await healthyOutcomes(name), await brokenOutcomes(name, breakage)];
    expect(broken.filter((invoked) => !isFailure(invoked))).toEqual([]);
    const deployment = countCanary(name, repeat(healthy, OLD_REQUESTS), repeat(broken, NEW_REQUESTS));
    expect(deployment.firesAt('ReleaseFailures', CANARY_MINUTES)).toBeLessThanOrEqual(4);
  });

  it('goes on if the new version works, whatever it refuses', async () => {
    const healthy = await healthyOutcomes(name, NEW);
    expect(healthy.filter(isFailure)).toEqual([]);
    const deployment = countCanary(name, repeat(healthy, OLD_REQUESTS), repeat(healthy, NEW_REQUESTS));
    expect(deployment.firesAt('ReleaseFailures', 2 * CANARY_MINUTES)).toBeNull();
    expect(deployment.firesAt('Failures', 2 * CANARY_MINUTES)).toBeNull();
  });

  it('goes on if one of two requests of the night fails', async () => {
    const healthy = await healthyOutcomes(name, NEW);
    const [failure] = await brokenOutcomes(name, 'fails each request');
    if (failure === undefined) throw new Error(`${name} has no sample event`);
    const deployment = countCanary(name, [], repeat(healthy, 1));
    deployment.count(failure, { minute: 2, version: NEW });
    expect(deployment.firesAt('ReleaseFailures', 2 * CANARY_MINUTES)).toBeNull();
    expect(deployment.firesAt('Failures', 2 * CANARY_MINUTES)).toBeNull();
  });

  it('goes on if only the version fails that it replaces, and the people on call are told', async () => {
    const [healthy, broken] = [await healthyOutcomes(name, NEW), await brokenOutcomes(name, 'fails each request')];
    const ofOld = broken.map((invoked) => ({
      ...invoked,
      lines: invoked.lines.map((line) => line.replace(`"version":"${NEW}"`, `"version":"${OLD}"`)),
    }));
    const deployment = countCanary(name, repeat(ofOld, OLD_REQUESTS), repeat(healthy, NEW_REQUESTS));
    expect(deployment.firesAt('ReleaseFailures', 2 * CANARY_MINUTES)).toBeNull();
    expect(deployment.firesAt('Failures', CANARY_MINUTES)).not.toBeNull();
  });

  it('that got all traffic at once tells the people on call if it fails', async () => {
    const broken = await brokenOutcomes(name, 'fails each request');
    const deployment = countCanary(name, [], repeat(broken, OLD_REQUESTS + NEW_REQUESTS), false);
    expect(deployment.firesAt('Failures', CANARY_MINUTES)).not.toBeNull();
  });
});

describe('a canary', () => {
  it('of the authorizer goes on while somebody sends forged tokens only', async () => {
    const refused = await healthyOutcomes('authorizer', NEW);
    expect(refused.map(({ outcome }) => outcome)).toEqual([
      { kind: 'failed', error: expect.objectContaining({ message: 'Unauthorized' }) },
    ]);
    const deployment = countCanary('authorizer', [], repeat(refused, 600));
    expect(deployment.firesAt('ReleaseFailures', 2 * CANARY_MINUTES)).toBeNull();
    expect(deployment.firesAt('Failures', 2 * CANARY_MINUTES)).toBeNull();
  });

  it('is rolled back if the database of the new version cannot be reached', async () => {
    const variables = { MONGODB_URI: 'mongodb://127.0.0.1:9/lectern' };
    const published = publish('courses', await bundles.working('courses'), { version: NEW, variables });
    const [list] = PROBES['courses'] ?? [];
    if (list === undefined) throw new Error('There is no probe of the catalog');
    const failed = await invokeVersion(published, probeEvent(list, 'request'));
    const deployment = countCanary('courses', [], repeat([failed], NEW_REQUESTS));
    expect(deployment.firesAt('ReleaseFailures', CANARY_MINUTES)).not.toBeNull();
  });
});
