import { mediaBaseUrl } from './config.ts';

/*
 * Images, captions, transcripts and chapters are stored under a name made from their content, and published as
 * `lectern-asset:<key>`. A reference becomes a URL when it is read, so that the address of the media can change without
 * a new publication.
 */

const SCHEME = 'lectern-asset:';

/** Matches a reference as publishing writes it, and not the same letters in an author's text. */
const REFERENCE = /lectern-asset:(?=courses\/[a-z0-9-]{1,64}\/[0-9a-f]{32}\b)/g;

/**
 * Returns how a stored text refers to a file of the media store, such as
 * `lectern-asset:courses/sound/2c26b46b68ffc68f.png`.
 */
export function assetReference(key: string): string {
  return `${SCHEME}${key}`;
}

/** Replaces every asset reference in a text with the URL of the file. */
export function withAssetUrls(text: string): string {
  return text.replaceAll(REFERENCE, `${mediaBaseUrl()}/`);
}
