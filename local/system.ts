import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { type Bundle, functionNames, watchFunction } from '../scripts/bundle/bundle.ts';
import { importCourses } from '../scripts/import/import-courses.ts';
import { CLIENT_OPTIONS } from '../shared/db/client.ts';
import { migrate } from '../shared/db/migrate.ts';
import { startCdn } from './cdn/cdn.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';
import type { Log } from './gateway/log.ts';
import { readTemplate } from './gateway/template.ts';
import { freePort } from './listen.ts';
import { createOutbox } from './mail/outbox.ts';
import { startSes } from './mail/ses.ts';
import { startMongo } from './mongo/server.ts';
import { withDatabase } from './mongo/uri.ts';
import { announceRunning, findRunning, withdrawRunning } from './running.ts';
import { ensureSampleAccounts, SAMPLE_ACCOUNTS } from './sample/accounts.ts';
import { localSecrets, secretsFor } from './secrets.ts';

export interface SystemOptions {
  /** Folder of the project. */
  readonly root: string;
  /** Database, media and secrets of this machine. */
  readonly dataDir: string;
  /** Where the functions are bundled to; `.build/functions` of the project unless told otherwise. */
  readonly functionsDir?: string;
  /** A port that must be had; null for 3000 or the next one that is free. */
  readonly port: number | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told, in a line for people, of what goes on. */
  readonly report: (message: string) => void;
  /** Told of each request and of what functions log; the terminal unless told otherwise. */
  readonly log?: Log;
  /** The clock of the gateway's two caches. */
  readonly now?: () => Date;
}

export interface System {
  readonly apiUrl: string;
  readonly mediaUrl: string;
  readonly mongodbUri: string;
  /** Who can be signed in as, all with the same password. */
  readonly samples: { readonly emails: readonly string[]; readonly password: string };
  readonly gateway: Gateway;
  stop(): Promise<void>;
}

const DATABASE = 'lectern';
const PREFERRED_PORTS = [3000, 3001, 3002, 3003, 3004, 3005, 0] as const;
const PREFERRED_CDN_PORT = 3100;

/**
 * Starts everything there is, on this machine: database, sample courses, functions, gateway and media.
 * What was started is stopped again when a later part fails.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { root, dataDir, report, env } = options;
  const mediaDir = path.join(dataDir, 'media');
  const functionsDir = options.functionsDir ?? path.join(root, '.build/functions');
  await mkdir(mediaDir, { recursive: true });
  const running = await findRunning(dataDir);
  if (running !== null) throw new Error(`Lectern runs here already: ${running.apiUrl} (process ${running.pid})`);

  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    // Asked for first: a port that cannot be had is known before anything else is waited for.
    const port = await freePort(options.port === null ? PREFERRED_PORTS : [options.port]);

    const mongo = await startMongo({ env, dataDir: path.join(dataDir, 'mongo'), report });
    started.push(mongo.stop);
    const mongodbUri = env['MONGODB_URI'] ?? withDatabase(mongo.uri, DATABASE);
    const secrets = await localSecrets(dataDir);
    const samplePassword = secrets['SAMPLE_PASSWORD'] ?? '';
    await loadSamples({ root, mediaDir, mongodbUri, samplePassword });

    const cdn = await startCdn({ mediaDir, port: PREFERRED_CDN_PORT });
    started.push(cdn.close);

    const ses = await startSes(createOutbox({ folder: path.join(dataDir, 'outbox'), report }));
    started.push(ses.close);

    const templateFile = path.join(root, 'template.yaml');
    const gateway = await startGateway({
      templateFile,
      functionsDir,
      environment: Object.fromEntries(
        readTemplate(templateFile).functions.map(({ name, environment }) => [
          name,
          {
            ...secretsFor(environment, { ...secrets, MONGODB_URI: mongodbUri }),
            MEDIA_BASE_URL: cdn.url,
            ...(name === 'auth' && ses.environment),
          },
        ]),
      ),
      port,
      ...(options.log && { log: options.log }),
      ...(options.now && { now: options.now }),
    });
    started.push(gateway.close);

    for (const name of await functionNames(root)) {
      const watching = await watchFunction(name, { root, outDir: functionsDir }, (result) =>
        reload(gateway, result, report),
      );
      started.push(watching.stop);
    }

    await announceRunning(dataDir, { pid: process.pid, apiUrl: gateway.url, mongodbUri });
    started.push(() => withdrawRunning(dataDir));
    const samples = { emails: SAMPLE_ACCOUNTS.map(({ email }) => email), password: samplePassword };
    return { apiUrl: gateway.url, mediaUrl: cdn.url, mongodbUri, samples, gateway, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The sample courses go in by the path that every course takes; what is there already stays as it is. Accounts too. */
async function loadSamples(options: {
  readonly root: string;
  readonly mediaDir: string;
  readonly mongodbUri: string;
  readonly samplePassword: string;
}): Promise<void> {
  const courses = path.join(options.root, 'examples/courses');
  const folders = (await readdir(courses, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const client = new MongoClient(options.mongodbUri, CLIENT_OPTIONS);
  try {
    await migrate(client.db());
    await ensureSampleAccounts(client.db(), options.samplePassword);
    await importCourses(
      folders.map((folder) => path.join(courses, folder.name)),
      { db: client.db(), mediaDir: options.mediaDir },
    );
  } finally {
    await client.close();
  }
}

function reload(
  gateway: Gateway,
  result: Bundle | { readonly errors: readonly string[] },
  report: (message: string) => void,
): void {
  if ('errors' in result) {
    for (const error of result.errors) report(error);
    return;
  }
  gateway.reload(result.name);
  gateway.flushCache();
  gateway.flushAuthorizers();
  report(`${result.name}: reloaded`);
}
