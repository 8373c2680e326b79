/** Characters that no published key contains, and that file systems may interpret. */
const UNFIT = /[\p{Cc}/\\]/u;

/**
 * Returns the key that a path as sent stands for. Null if it cannot be one. S3 takes keys literally, so `..` leads
 * nowhere there. Here a key becomes the path of a file, so anything that could lead elsewhere is refused.
 */
export function objectKeyFor(path: string): string | null {
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
