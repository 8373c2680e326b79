import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { StoreTarget } from '../../publishing/store/open-store.ts';
import { usageMessage } from '../platform/errors.ts';

export const USAGE = `Publishes courses from folders of Markdown and media.

  npm run import-course -- <folder> [<folder>…] [--media-dir DIR | --bucket NAME [--region REGION]] [--hls] [--check] [--strict]
  npm run import-course -- --withdraw ID

  --media-dir DIR  copy images, captions, audio and video to this folder (default: MEDIA_DIR, else .data/media)
  --bucket NAME    upload them to this S3 bucket instead (default: MEDIA_BUCKET)
  --region REGION  the region of the bucket (default: as configured for AWS)
  --hls            make an HLS stream of each recording that has only a file; needs ffmpeg
  --check          check the courses without publishing them
  --strict         refuse courses with warnings, as if these were errors
  --withdraw ID    remove this course from readers instead; importing it again brings it back
  --help           show this text

All folders are checked first. If any has an error, nothing is written. Warnings tell what readers get otherwise than
the author may think, with the place and what to write instead. Files that are already stored are not stored
again, and an interrupted upload resumes where it stopped.
Courses are published to the database at MONGODB_URI, or else to that of a running \`npm start\`.
`;

export const ROOT = join(import.meta.dirname, '../..');

/** npm runs scripts in the project's folder, but users mean paths from where they called npm. */
export const CALLED_FROM = process.env['INIT_CWD'] ?? process.cwd();

/** The data folder of `npm start`. */
export const DATA_DIR = join(ROOT, '.data');

export interface Arguments {
  readonly folders: readonly string[];
  readonly target: StoreTarget;
  readonly hls: boolean;
  readonly check: boolean;
  readonly strict: boolean;
  /** The id of a course to withdraw. Null to import. */
  readonly withdraw: string | null;
  readonly help: boolean;
}

interface StoreValues {
  readonly 'media-dir'?: string | undefined;
  readonly bucket?: string | undefined;
  readonly region?: string | undefined;
}

/** Parses the arguments. Returns a message if they are wrong. */
export function parseArguments(args: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        'media-dir': { type: 'string' },
        bucket: { type: 'string' },
        region: { type: 'string' },
        hls: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        withdraw: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const { withdraw = null } = values;
    if (withdraw !== null && (positionals.length > 0 || values.check || values.hls || values.strict)) {
      return 'Use --withdraw without folders, --hls, --check and --strict.';
    }
    if (positionals.length === 0 && withdraw === null && !values.help) return 'Specify at least one folder.';
    const target = storeTarget(values);
    if (typeof target === 'string') return target;
    return {
      folders: positionals.map((folder) => resolve(CALLED_FROM, folder)),
      target,
      hls: values.hls,
      check: values.check,
      strict: values.strict,
      withdraw,
      help: values.help,
    };
  } catch (error) {
    return usageMessage(error);
  }
}

/** Returns where files go. The command line wins over the environment. */
function storeTarget(given: StoreValues): StoreTarget | string {
  if (given['media-dir'] !== undefined && given.bucket !== undefined)
    return 'Use either --media-dir or --bucket, not both.';
  const bucket =
    given.bucket ?? (given['media-dir'] === undefined ? process.env['MEDIA_BUCKET'] || undefined : undefined);
  if (bucket === '') return 'Specify the bucket: --bucket NAME.';
  if (bucket !== undefined) return { bucket, region: given.region };
  if (given.region !== undefined) return '--region requires --bucket.';
  const folder = given['media-dir'] ?? (process.env['MEDIA_DIR'] || join(DATA_DIR, 'media'));
  return { folder: resolve(CALLED_FROM, folder) };
}
