/*
 * How the page and its service worker share files. The Cache API has both, on every browser. A file is stored in pieces,
 * each under the file's local address with its offset as the query.
 */

export const CACHE_NAME = 'lectern-downloads';

/** Below the page's origin. The service worker's scope must contain it. */
export const DEFAULT_FOLDER = '/lectern-files/';

/** Returns the address of a piece. */
export function pieceUrl(fileUrl: string, offset: number): string {
  return `${fileUrl}?${offset}`;
}
