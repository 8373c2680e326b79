import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The files of one server. */
export interface DataFolder {
  readonly dbPath: string;
  readonly logPath: string;
  /** The folder itself, if it is removed with the server. */
  readonly scratch: string | undefined;
  /** The port of the last run. Using it again keeps bookmarks and open shells valid. */
  lastPort(): Promise<number | undefined>;
  rememberPort(port: number): Promise<void>;
  /** Removes a temporary folder. Keeps a permanent one. */
  discard(): Promise<void>;
}

/** Prepares the folder. Creates a temporary one if no path is given. */
export async function openDataFolder(path?: string): Promise<DataFolder> {
  const root = await (path === undefined ? mkdtemp(join(tmpdir(), 'lectern-mongo-')) : ensureFolder(path));
  const dbPath = await ensureFolder(join(root, 'db'));
  const portPath = join(root, 'port.json');

  return {
    dbPath,
    logPath: join(root, 'mongod.log'),
    scratch: path === undefined ? root : undefined,
    lastPort: async () => parseLastPort(await readFile(portPath, 'utf8').catch(() => '')),
    rememberPort: (port) => writeFile(portPath, `${JSON.stringify({ port })}\n`),
    discard: async () => {
      if (path === undefined) await rm(root, { recursive: true, force: true });
    },
  };
}

/**
 * Returns the real path: mongod is identified by the path in its command line, which must not depend on symbolic links.
 */
async function ensureFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  return realpath(path);
}

/** Parses port.json. Undefined if the file is missing or damaged: any port will do then. */
export function parseLastPort(text: string): number | undefined {
  const port = Number(/^\{"port":(\d{1,5})\}\s*$/.exec(text)?.[1]);
  return port > 0 && port < 65_536 ? port : undefined;
}
