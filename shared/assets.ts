import { mediaBaseUrl } from './config.ts';

/*
 * Images, captions, transcripts and chapters are stored under a name made of their content and published as `lectern-asset:<key>`.
 * Only on reading does a reference become a URL, so that the address of the media can change without publishing again.
 */

const SCHEME = 'lectern-asset:';

/** A reference as publishing writes it, and not the same letters in somebody's text. */
const REFERENCE = /lectern-asset:(?=courses\/[a-z0-9-]{1,64}\/[0-9a-f]{32}\b)/g;

/** How a stored text names a file of the media store, such as `lectern-asset:courses/sound/2c26b46b68ffc68f.png`. */
export function assetReference(key: string): string {
  return `${SCHEME}${key}`;
}

/** A text with every asset reference turned into the URL the file is served from. */
export function withAssetUrls(text: string): string {
  return text.replaceAll(REFERENCE, `${mediaBaseUrl()}/`);
}
