import type { StoredMedia } from '../../shared/db/collections.ts';
import type { StoreFile } from '../store/media-store.ts';
import type { Measurement } from './measurement.ts';

/** A file of a course, or the folder of a stream, and the name it gets in the media store. */
export interface Asset {
  readonly kind: 'file' | 'stream';
  readonly key: string;
  readonly contentType: string;
  /** Of a stream: of all its files. */
  readonly sizeBytes: number;
  /** Of a stream: of what `sha256sum` prints of all its files, sorted. */
  readonly sha256: string;
  /** What has to be stored. */
  readonly files: readonly StoreFile[];
}

/** An asset that can be played. */
export interface PlayedAsset extends Asset {
  readonly durationSeconds: Measurement['durationSeconds'];
}

/**
 * The two parts of the media store. What is read with a lesson, such as its images, is below `courses/`, for whoever knows
 * its name; recordings are below `media/`, for holders of a playback grant.
 */
export type StoreRoot = 'courses' | 'media';

/** Keys are public and long enough never to meet: 128 bits of the hash. */
const KEY_HASH_LENGTH = 32;

/** The name that content gets in the media store, without an extension. */
export function keyOf(root: StoreRoot, courseId: string, sha256: string): string {
  return `${root}/${courseId}/${sha256.slice(0, KEY_HASH_LENGTH)}`;
}

/** What is published of an asset that is played. */
export function storedMedia({ key, contentType, sizeBytes, sha256 }: Asset): StoredMedia {
  return { key, contentType, sizeBytes, sha256 };
}
