import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { schemaCompiler } from '../../shared/http/compile.ts';
import { codeOf } from '../../tools/platform/errors.ts';
import { parseJson } from '../../tools/platform/json.ts';
import { type Measurement, measurement } from './measurement.ts';

/** Raise this when measuring changes. Then every recording is measured again. */
const VERSION = 2;

const isMeasurement = schemaCompiler('body').compile<Measurement>(measurement);

/** A cache of measurements. */
export interface MeasurementCache {
  /** Returns the measurement of the recording with this hash, or calls `measure`. Caches only successful results. */
  get<T>(sha256: string, measure: () => Promise<Measurement | T>): Promise<Measurement | T>;
}

/** Caches nothing. */
export const UNCACHED: MeasurementCache = { get: (_, measure) => measure() };

/**
 * Caches measurements in a folder, one small file each, so that a repeated import reads no recording from end to end.
 */
export function measurementCache(folder: string): MeasurementCache {
  return {
    async get(sha256, measure) {
      const file = join(folder, `${sha256}.v${VERSION}.json`);
      const stored = await read(file);
      if (stored !== undefined) return stored;
      const measured = await measure();
      if (isMeasurement(measured)) await write(file, measured);
      return measured;
    },
  };
}

/** Returns a stored measurement. Undefined if there is none, or if the file is damaged. */
async function read(file: string): Promise<Measurement | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  const stored = parseJson(text);
  return isMeasurement(stored) ? stored : undefined;
}

/** If the cache cannot be written, the next import measures again; this one succeeds. */
async function write(file: string, measured: Measurement): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, JSON.stringify(measured));
    await rename(temporary, file);
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(String(codeOf(error)))) throw error;
  }
}
