import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundleFunction, functionNames } from '../../../scripts/bundle/bundle.ts';
import type { Environment } from '../../mongo/run.ts';
import { startMongo } from '../../mongo/server.ts';
import { localSecrets } from '../../secrets.ts';
import { runSam, type SamCli } from '../sam-cli.ts';
import { listEvents, type SampleEvent } from '../sample-events.ts';
import { type Comparison, compareEvent, compareRequest } from './compare.ts';
import { createEqualDatabases } from './databases.ts';
import { DIFFERENCES } from './differences.ts';
import { FURTHER_REQUESTS } from './further-requests.ts';
import { createLedger } from './ledger.ts';
import { openSides, type Sides, type SidesOptions } from './sides.ts';
import { createTally, type Tally } from './tally.ts';

export interface ComparisonOptions {
  readonly root: string;
  /** `template.yaml` of the project unless told otherwise. */
  readonly templateFile?: string;
  readonly sam: SamCli;
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Where nobody listens: functions that are given it are without a database. */
const NO_DATABASE = 'mongodb://127.0.0.1:1/lectern?directConnection=true';

/** Runs everything by the real SAM CLI and by the local gateway, and compares the answers. */
export async function compareWithSam(options: ComparisonOptions): Promise<Tally> {
  const { root, sam, env, signal, print, templateFile = path.join(root, 'template.yaml') } = options;
  const tally = createTally(print);
  const validated = await runSam(sam, ['validate', '--lint', '--template', templateFile], { signal });
  tally.check('sam validate --lint', validated.exitCode === 0 ? [] : [validated.stdout + validated.stderr]);

  for (const name of await functionNames(root)) await bundleFunction(name, { root });
  const events = await listEvents(root);
  const ledger = createLedger(DIFFERENCES);
  const scratch = await mkdtemp(path.join(tmpdir(), 'lectern-sam-'));
  const mongo = await startMongo({ env, report: print });
  try {
    const names = ['gateway', 'startApi', 'invoke'] as const;
    const databases = await createEqualDatabases({ root, mediaDir: scratch, serverUri: mongo.uri, names });
    const common = { root, templateFile, sam, env, secrets: await localSecrets(scratch), signal };
    const since = new Date();
    const comparing = (sides: Sides): Comparison => ({ sides, ledger, tally, since });
    try {
      await within({ ...common, databases: databases.uris }, (sides) => compareAll(comparing(sides), events));
    } finally {
      await databases.drop();
    }
    const missing = { gateway: NO_DATABASE, startApi: NO_DATABASE, invoke: NO_DATABASE };
    await within({ ...common, databases: missing }, (sides) => compareFailures(comparing(sides), events));
  } finally {
    await mongo.stop();
    await rm(scratch, { recursive: true, force: true });
  }

  for (const { difference, part } of ledger.unseen()) {
    tally.check(`listed difference of ${difference.side}: ${part}`, [`it no longer occurs: ${difference.why}`]);
  }
  return tally;
}

async function within(options: SidesOptions, compare: (sides: Sides) => Promise<void>): Promise<void> {
  const sides = await openSides(options);
  try {
    await compare(sides);
  } finally {
    await sides.close();
  }
}

async function compareAll(comparison: Comparison, events: readonly SampleEvent[]): Promise<void> {
  for (const event of events) await compareEvent(comparison, event, 'route');
  for (const { occasion, headers = {}, requests } of FURTHER_REQUESTS) {
    for (const line of requests) {
      const [method = '', target = ''] = line.split(' ');
      await compareRequest(comparison, { method, target, headers, body: null }, occasion);
    }
  }
}

/** One event of each function is enough to see what becomes of its failure. */
async function compareFailures(comparison: Comparison, events: readonly SampleEvent[]): Promise<void> {
  const first = new Map([...events].reverse().map((event) => [event.functionName, event]));
  for (const event of first.values()) await compareEvent(comparison, event, 'failure');
}
