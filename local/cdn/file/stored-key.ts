/** What no key that publishing makes has in it, and file systems may read as more than a name. */
const UNFIT = /[\p{Cc}/\\]/u;

/**
 * The key in the bucket that a path as it was sent stands for; null where it can be none. S3 takes keys as they are, so `..`
 * leads nowhere there: here, where a key becomes the path of a file, nothing that could lead elsewhere is a key.
 */
export function storedKey(path: string): string | null {
  const segments = path.startsWith('/') ? path.slice(1).split('/').map(decoded) : [];
  return segments.length > 0 && segments.every(isFit) ? segments.join('/') : null;
}

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}

function isFit(segment: string | null): segment is string {
  return segment !== null && segment !== '' && segment !== '.' && segment !== '..' && !UNFIT.test(segment);
}
