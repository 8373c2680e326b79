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
export interface Measurements {
  /** Returns the measurement of the recording with this hash, or calls `measure`. Caches only successful results. */
  of<T>(sha256: string, measure: () => Promise<Measurement | T>): Promise<Measurement | T>;
}

/** Caches nothing. */
export const MEASURE_ANEW: Measurements = { of: (_, measure) => measure() };

/**
 * Caches measurements in a folder, one small file each, so that a repeated import reads no recording from end to end.
 */
export function measurementsIn(folder: string): Measurements {
  return {
    async of(sha256, measure) {
      const file = join(folder, `${sha256}.v${VERSION}.json`);
      const kept = await read(file);
      if (kept !== undefined) return kept;
      const measured = await measure();
      if (isMeasurement(measured)) await write(file, measured);
      return measured;
    },
  };
}

/** Undefined if it is not as written. */
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
