import type { StoredMedia } from '../../shared/db/collections.ts';
import type { StoreFile } from '../store/media-store.ts';
import type { Measurement } from './measurement.ts';

/** A file of a course, or the folder of a stream, with its name in the media store. */
export interface Asset {
  readonly kind: 'file' | 'stream';
  readonly key: string;
  readonly contentType: string;
  /** The size; of a stream, the size of all its files. */
  readonly sizeBytes: number;
  /** The hash; of a stream, the hash of the sorted output of `sha256sum` for its files. */
  readonly sha256: string;
  /** The files to store. */
  readonly files: readonly StoreFile[];
}

/** An asset that can be played. */
export interface PlayableAsset extends Asset {
  readonly durationSeconds: Measurement['durationSeconds'];
}

/**
 * The two parts of the media store. Files that are read with a lesson, such as images, are below `courses/`, for
 * everyone who knows their name. Recordings are below `media/`, for holders of a playback grant.
 */
export type StoreRoot = 'courses' | 'media';

/** Keys are public, and 128 bits of the hash, which never collide. */
const KEY_HASH_LENGTH = 32;

/** Returns the name of content in the media store, without an extension. */
export function keyOf(root: StoreRoot, courseId: string, sha256: string): string {
  return `${root}/${courseId}/${sha256.slice(0, KEY_HASH_LENGTH)}`;
}

/** Returns what is published of a playable asset. */
export function storedMedia({ key, contentType, sizeBytes, sha256 }: Asset): StoredMedia {
  return { key, contentType, sizeBytes, sha256 };
}
