import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Rebuild, watchFunctions } from '../tools/build/watch.ts';
import { localSecrets } from '../tools/keys/local-secrets.ts';
import { mediaKeysOf } from '../tools/keys/media/media-keys.ts';
import { withDatabase } from '../tools/platform/mongo-uri.ts';
import { announceRunning, findRunning, withdrawRunning } from '../tools/platform/running.ts';
import { readTemplate } from '../tools/template/read-template.ts';
import { startCdn } from './cdn/cdn.ts';
import { variablesByFunction } from './function-variables.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';
import type { Log } from './gateway/lambda/log.ts';
import { readAllowedOrigins } from './http/allowed-origins.ts';
import { reservePort } from './http/listen.ts';
import { createOutbox } from './mail/outbox.ts';
import { startSes } from './mail/ses.ts';
import { startMongo } from './mongo/server.ts';
import { watchPublications } from './publications.ts';
import { openSamFiles } from './sam/sam-files.ts';
import { loadSampleAccounts, type SampleAccounts } from './sample/accounts.ts';
import { loadSampleCourses } from './sample/courses.ts';

export interface SystemOptions {
  /** Folder of the project. */
  readonly root: string;
  /** Database, media and secrets of this machine. */
  readonly dataDir: string;
  /** Where bundles go. By default `.build/functions` of the project. */
  readonly functionsDir?: string;
  /** Where plain `sam local` commands find the variables of functions. None by default. */
  readonly samDir?: string;
  /** A required port. Null for 3000 or the next free one. */
  readonly port: number | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called with progress, in lines for people. */
  readonly report: (message: string) => void;
  /** Receives each request and the functions' logs. By default the terminal. */
  readonly log?: Log;
  /** The clock of the gateway's caches and of the CDN, which goes by it to expire grants. */
  readonly now?: () => Date;
}

export interface System {
  readonly apiUrl: string;
  readonly mediaUrl: string;
  readonly mongodbUri: string;
  /** The sample accounts. Null with an external database, which gets none. */
  readonly sampleAccounts: SampleAccounts | null;
  readonly gateway: Gateway;
  stop(): Promise<void>;
}

const DATABASE = 'lectern';
const PREFERRED_PORTS = [3000, 3001, 3002, 3003, 3004, 3005, 0] as const;
const PREFERRED_CDN_PORT = 3100;

/**
 * Starts the whole system on this machine: database, sample courses, functions, gateway and media. If a part fails, it
 * stops what it started.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { root, dataDir, report, env } = options;
  const mediaDir = path.join(dataDir, 'media');
  const functionsDir = options.functionsDir ?? path.join(root, '.build/functions');
  const allowedOrigins = readAllowedOrigins(env);
  await mkdir(mediaDir, { recursive: true });
  const running = await findRunning(dataDir);
  if (running !== null)
    throw new Error(`Lectern already runs on ${dataDir}: ${running.apiUrl} (process ${running.pid})`);

  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of started.splice(0).reverse()) await end();
  };
  try {
    // Reserved until the gateway listens, so that a second system started meanwhile takes another port.
    const reserved = await reservePort(options.port === null ? PREFERRED_PORTS : [options.port]);
    started.push(reserved.release);
    if (options.port === null && reserved.port !== PREFERRED_PORTS[0]) {
      report(`Port ${PREFERRED_PORTS[0]} is in use, so the API is on port ${reserved.port}.`);
    }

    // Bundling runs while the database and the courses are prepared.
    let gateway: Gateway | null = null;
    const onRebuilt = (rebuild: Rebuild) => reload(gateway, rebuild, report);
    const bundled = watchFunctions({ root, outDir: functionsDir }, onRebuilt);
    // A failure surfaces where this is awaited. Then there is nothing to stop.
    started.push(() => bundled.then(({ stop: end }) => end()).catch(() => undefined));
    bundled.catch(() => undefined);

    const mongo = await startMongo({ env, dataDir: path.join(dataDir, 'mongo'), keepRunning: true, report });
    started.push(mongo.stop);
    const ownDatabase = env['MONGODB_URI'] ? null : withDatabase(mongo.uri, DATABASE);
    const mongodbUri = ownDatabase ?? mongo.uri;
    const secrets = await localSecrets(dataDir);
    await loadSampleCourses({ root, mediaDir, mongodbUri });
    const sampleAccounts =
      ownDatabase === null ? null : await loadSampleAccounts(ownDatabase, secrets['SAMPLE_PASSWORD'] ?? '');

    const cdn = await startCdn({
      mediaDir,
      port: PREFERRED_CDN_PORT,
      trustedKeys: mediaKeysOf(secrets).trustedKeys,
      ...(allowedOrigins.length > 0 && { allowedOrigins }),
      ...(options.now && { now: options.now }),
    });
    started.push(cdn.close);

    const ses = await startSes(createOutbox({ folder: path.join(dataDir, 'outbox'), report }));
    started.push(ses.close);

    const templateFile = path.join(root, 'template.yaml');
    // Before the gateway, because the first request may come at once.
    await bundled;
    await reserved.release();
    gateway = await startGateway({
      templateFile,
      parameters: { AllowedOrigins: allowedOrigins.join(',') },
      functionsDir,
      environment: variablesByFunction('name', readTemplate(templateFile).functions, {
        secrets,
        mongodbUri,
        mediaUrl: cdn.url,
        apiUrl: null,
        mail: ses.environment,
      }),
      port: reserved.port,
      allowLoopbackOrigins: allowedOrigins.length === 0,
      ...(options.log && { log: options.log }),
      ...(options.now && { now: options.now }),
    });
    started.push(gateway.close);
    if (options.samDir !== undefined) {
      const samSettings = { secrets, mongodbUri, mediaUrl: cdn.url, apiUrl: null, mail: ses.environment };
      const variables = variablesByFunction('logicalId', gateway.model.functions, samSettings);
      started.push(await openSamFiles(options.samDir, variables, env));
    }
    const publications = await watchPublications(mongodbUri, () => flush(gateway), report);
    started.push(publications.close);

    await announceRunning(dataDir, { pid: process.pid, apiUrl: gateway.url, mediaUrl: cdn.url, mongodbUri });
    started.push(() => withdrawRunning(dataDir));
    return { apiUrl: gateway.url, mediaUrl: cdn.url, mongodbUri, sampleAccounts, gateway, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function reload(
  gateway: Gateway | null,
  { changed, failed, errors }: Rebuild,
  report: (message: string) => void,
): void {
  for (const error of errors) report(error);
  if (failed.length > 0) report(`${failed.join(', ')}: not rebuilt, the last bundle stays`);
  // The gateway loads the first bundles itself. A function that the template did not name at the start is not served.
  const served = changed.filter((name) => gateway?.model.functions.some((fn) => fn.name === name));
  if (gateway === null || served.length === 0) return;
  for (const name of served) gateway.reload(name);
  flush(gateway);
  report(`${served.join(', ')}: reloaded`);
}

/** Clears both caches, because code or courses have changed. */
function flush(gateway: Gateway | null): void {
  gateway?.flushCache();
  gateway?.flushAuthorizers();
}
