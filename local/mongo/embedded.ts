import { readFile } from 'node:fs/promises';
import { messageOf } from '../../tools/platform/errors.ts';
import type { Mongod } from './binary/binary.ts';
import type { DataFolder } from './data-folder.ts';
import { identifyingArguments } from './holder.ts';
import { choosePort } from './ports.ts';
import { ensurePrimary, SET_NAME } from './replica-set.ts';
import { launchMongod, type SupervisedMongod } from './supervisor.ts';

interface LaunchOptions {
  readonly bindAlso?: readonly string[];
  readonly cacheSizeGB?: number;
  /** A required port. By default the last one if it is free, else another. */
  readonly port?: number;
  readonly report: (message: string) => void;
}

export interface Primary {
  readonly uri: string;
  readonly port: number;
  /** The exit code, once it has ended: 128 plus the number of the signal that ended it. */
  readonly exited: Promise<number | null>;
  stop(): Promise<void>;
}

/** mongod's exit code if it cannot listen, because another program took the port meanwhile. */
const PORT_TAKEN = 48;
const PORT_ATTEMPTS = 3;

/**
 * Starts mongod on the data folder, on its last port if that is free, and returns when it is primary.
 *
 * @throws Error with the errors in mongod's log.
 */
export async function launchPrimary(mongod: Mongod, folder: DataFolder, options: LaunchOptions): Promise<Primary> {
  const addresses = ['127.0.0.1', ...(options.bindAlso ?? [])];
  const lastPort = options.port ?? (await folder.lastPort());
  let port = options.port ?? (await choosePort(addresses, lastPort));
  if (lastPort !== undefined && port !== lastPort) {
    // mongod contacts its old address to find out whether that is itself, and waits 30 s for a program that does not
    // answer.
    options.report(`another program uses port ${lastPort}: mongod moves to ${port}, which can take half a minute`);
  }

  for (let attempt = 1; ; attempt += 1) {
    const command = [
      mongod.path,
      ...identifyingArguments(folder.dbPath),
      ...settings(port, addresses, options.cacheSizeGB),
    ];
    const server = launchMongod({ command, logPath: folder.logPath, scratch: folder.scratch });
    try {
      await untilPrimary(server, port, folder.dbPath);
      await folder.rememberPort(port);
      const uri = `mongodb://127.0.0.1:${port}/?replicaSet=${SET_NAME}`;
      return { uri, port, exited: server.exited, stop: server.stop };
    } catch (error) {
      await server.stop();
      const exitCode = await server.exited;
      const mayMove = exitCode === PORT_TAKEN && options.port === undefined;
      if (!mayMove || attempt === PORT_ATTEMPTS) throw await explainFailure(error, mongod, folder);
      port = await choosePort(addresses);
    }
  }
}

function settings(port: number, addresses: readonly string[], cacheSizeGB = 0.5): readonly string[] {
  const network = ['--port', String(port), '--bind_ip', addresses.join(','), '--nounixsocket'];
  const storage = ['--storageEngine', 'wiredTiger', '--wiredTigerCacheSizeGB', String(cacheSizeGB)];
  const economy = ['--oplogSize', '128', '--quiet', '--setParameter', 'diagnosticDataCollectionEnabled=false'];
  return [...network, ...storage, ...economy];
}

async function untilPrimary(server: SupervisedMongod, port: number, dbPath: string): Promise<void> {
  const ended = new AbortController();
  const failure = server.exited.then((exitCode) => {
    ended.abort();
    throw new Error(`it exited with code ${exitCode}`);
  });
  await Promise.race([ensurePrimary({ port, dbPath, signal: ended.signal }), failure]);
}

async function explainFailure(error: unknown, mongod: Mongod, folder: DataFolder): Promise<Error> {
  const log = await readFile(folder.logPath, 'utf8').catch(() => '');
  const logHint = folder.scratch === undefined ? [`Its log is ${folder.logPath}`] : [];
  return new Error([`${mongod.source} did not start: ${messageOf(error)}`, ...errorsInLog(log), ...logHint].join('\n'));
}

/** Returns the first errors in a mongod log, or its last lines if it has no errors. */
export function errorsInLog(log: string): readonly string[] {
  const lines = log.trim().split('\n');
  const errors = lines.filter((line) => /"s":"[EF]"/.test(line)).slice(0, 3);
  return (errors.length > 0 ? errors : lines.slice(-3)).map((line) => `  ${line.slice(0, 600)}`);
}
