import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSes } from '../../local/mail/ses.ts';
import { startMongo } from '../../local/mongo/server.ts';
import { runSam, type SamCli } from '../../local/sam/container/sam-cli.ts';
import { type PlaceholderValues, placeholdersIn } from '../../local/sam/sample/placeholders.ts';
import { listEvents, parseEvent, readEventText, type SampleEvent } from '../../local/sam/sample/sample-events.ts';
import { bundleFunction, functionNames } from '../../tools/build/bundle.ts';
import { localSecrets } from '../../tools/keys/local-secrets.ts';
import type { Environment } from '../../tools/platform/run.ts';
import { isAuthorizer } from '../../tools/template/model.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { compareJourney } from './compare-journey.ts';
import { type Comparison, compareEvent, compareRequests } from './compare-requests.ts';
import { createDifferenceFilter } from './differences/difference-filter.ts';
import { KNOWN_DIFFERENCES, type Scenario } from './differences/known-differences.ts';
import { FURTHER_REQUESTS } from './further-requests.ts';
import { ACCOUNT } from './journeys/account.ts';
import { LESSONS } from './journeys/lessons.ts';
import { PLAYBACK } from './journeys/playback.ts';
import { PODCAST } from './journeys/podcast.ts';
import { createEqualDatabases } from './sides/databases.ts';
import { openSides, SIDES, type Sides, type SidesOptions } from './sides/sides.ts';
import { createTally, type Tally } from './tally.ts';

export interface ComparisonOptions {
  readonly root: string;
  /** `template.yaml` of the project by default. */
  readonly templateFile?: string;
  readonly sam: SamCli;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** An address where nothing listens, for functions without a database. */
const NO_DATABASE = 'mongodb://127.0.0.1:1/lectern?directConnection=true';

/** Sends the same requests to the real SAM CLI and to the local gateway, and compares the answers. */
export async function compareWithSam(options: ComparisonOptions): Promise<Tally> {
  const { root, sam, env, signal, print, templateFile = path.join(root, 'template.yaml') } = options;
  const tally = createTally(print);
  const validated = await runSam(sam, ['validate', '--lint', '--template', templateFile], { signal });
  tally.check('sam validate --lint', validated.exitCode === 0 ? [] : [validated.stdout + validated.stderr]);

  for (const name of await functionNames(root)) await bundleFunction(name, { root });
  const events = await listEvents(root);
  const filter = createDifferenceFilter(KNOWN_DIFFERENCES);
  const scratch = await mkdtemp(path.join(tmpdir(), 'lectern-sam-'));
  const mongo = await startMongo({ env, report: print });
  // Discards mail.
  const ses = await startSes(() => Promise.resolve());
  try {
    const secrets = await localSecrets(scratch);
    const { SAMPLE_PASSWORD: password = '' } = secrets;
    const model = readTemplate(templateFile);
    const common = { root, templateFile, sam, env, secrets, mail: ses.environment, model, signal };
    const databases = await createEqualDatabases({
      root,
      mediaDir: scratch,
      serverUri: mongo.uri,
      names: SIDES,
      password,
    });
    const since = new Date();
    let values: PlaceholderValues = {};
    try {
      await withSides({ ...common, databases: databases.uris }, async (sides) => {
        const comparison = { sides, filter, tally, since, placeholderValues: sides.placeholderValues };
        await compareEvents(comparison, events, databases.restore);
        await compareFurtherRequests(comparison);
        for (const journey of [ACCOUNT, LESSONS, PLAYBACK, PODCAST]) {
          await databases.restore();
          await compareJourney(comparison, journey, { password });
        }
        await databases.restore();
        values = await sides.placeholderValues('gateway', await placeholdersOf(events));
      });
    } finally {
      await databases.drop();
    }
    const missing = { gateway: NO_DATABASE, startApi: NO_DATABASE, invoke: NO_DATABASE };
    await withSides({ ...common, databases: missing }, (sides) => {
      // Issued earlier: they last for minutes, with or without the database.
      const placeholderValues = () => Promise.resolve(values);
      return compareFailures({ sides, filter, tally, since, placeholderValues }, events);
    });
  } finally {
    await ses.close();
    await mongo.stop();
    await rm(scratch, { recursive: true, force: true });
  }

  for (const { known, part } of filter.unused()) {
    tally.check(`known difference of ${known.side}: ${part}`, [`it no longer occurs: ${known.why}`]);
  }
  return tally;
}

async function placeholdersOf(events: readonly SampleEvent[]): Promise<readonly string[]> {
  return (await Promise.all(events.map(readEventText))).flatMap(placeholdersIn);
}

async function withSides(options: SidesOptions, compare: (sides: Sides) => Promise<void>): Promise<void> {
  const sides = await openSides(options);
  try {
    await compare(sides);
  } finally {
    await sides.close();
  }
}

/** Restores the documents before each event, because some events change or remove an account. */
async function compareEvents(
  comparison: Comparison,
  events: readonly SampleEvent[],
  restore: () => Promise<void>,
): Promise<void> {
  for (const event of events) {
    await restore();
    await compareEvent(comparison, event, 'route');
  }
}

async function compareFurtherRequests(comparison: Comparison): Promise<void> {
  for (const { scenario, headers = {}, requests } of FURTHER_REQUESTS) {
    for (const line of requests) {
      const [method = '', target = ''] = line.split(' ');
      const request = { method, target, headers, body: null };
      await compareRequests(comparison, { gateway: request, startApi: request }, scenario);
    }
  }
}

/** Sends one event to each function, which fails without its database. */
async function compareFailures(comparison: Comparison, events: readonly SampleEvent[]): Promise<void> {
  const first = new Map([...events].reverse().map((event) => [event.functionName, event]));
  for (const event of first.values())
    await compareEvent(comparison, event, await failureScenario(event, comparison.sides));
}

/** On a cached route, a function without a database throws, so that its answer is not cached. */
async function failureScenario(sample: SampleEvent, { model }: Sides): Promise<Scenario> {
  if (isAuthorizer(model, sample.functionName)) return 'authorizer failure';
  const { httpMethod, resource } = parseEvent(await readEventText(sample));
  const route = model.routes.find(({ method, path: routePath }) => method === httpMethod && routePath === resource);
  return route?.cache ? 'failure' : 'route';
}
