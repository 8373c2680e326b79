import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { StoreTarget } from '../../publishing/store/open-store.ts';
import { usageFault } from '../platform/usage-fault.ts';

export const USAGE = `Publishes courses from folders of Markdown and media.

  npm run import-course -- <folder> [<folder>…] [--media-dir DIR | --bucket NAME [--region REGION]] [--hls] [--check]

  --media-dir DIR  where images, captions, audio and video are copied to (MEDIA_DIR, else .data/media)
  --bucket NAME    the S3 bucket that they are uploaded to instead (MEDIA_BUCKET)
  --region REGION  where the bucket is (else as AWS's own tools have it)
  --hls            makes an HLS stream of each recording that is a file alone; needs ffmpeg
  --check          only say what is wrong with the courses
  --help           this text

All folders are checked first, and nothing is written when anything is wrong. Files that are there already are not
stored again, and an upload that was interrupted goes on where it ended.
The database is the one of MONGODB_URI, or else of the \`npm start\` that is running.
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
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (positionals.length === 0 && !values.help) return 'Name at least one folder.';
    const target = storeTarget(values);
    if (typeof target === 'string') return target;
    return {
      folders: positionals.map((folder) => resolve(CALLED_FROM, folder)),
      target,
      hls: values.hls,
      check: values.check,
      help: values.help,
    };
  } catch (error) {
    return usageFault(error);
  }
}

/** Returns where files go. The command line wins over the environment. */
function storeTarget(given: StoreValues): StoreTarget | string {
  if (given['media-dir'] !== undefined && given.bucket !== undefined) return 'Files go to --media-dir or --bucket.';
  const bucket =
    given.bucket ?? (given['media-dir'] === undefined ? process.env['MEDIA_BUCKET'] || undefined : undefined);
  if (bucket === '') return 'Name the bucket: --bucket NAME.';
  if (bucket !== undefined) return { bucket, region: given.region };
  if (given.region !== undefined) return '--region is that of a --bucket.';
  const folder = given['media-dir'] ?? (process.env['MEDIA_DIR'] || join(DATA_DIR, 'media'));
  return { folder: resolve(CALLED_FROM, folder) };
}
