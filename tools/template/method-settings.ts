import type { MethodSetting } from './model.ts';

/** How long an answer is cached by default ("Cache settings for REST APIs in API Gateway"). */
const DEFAULT_TTL_SECONDS = 300;

/** Returns whether and how long a method is cached. Only GET is, and a TTL of 0 disables it. */
export function cacheOf(
  settings: readonly MethodSetting[],
  method: string,
  path: string,
): { readonly ttlSeconds: number } | null {
  if (method !== 'GET') return null;
  // The most specific entry that sets a value wins.
  const applying = [
    [method, path],
    ['*', path],
    [method, '*'],
    ['*', '*'],
  ].flatMap(([forMethod, forPath]) =>
    settings.filter((setting) => setting.method === forMethod && setting.path === forPath),
  );
  const isEnabled = applying.find((setting) => setting.cachingEnabled !== null)?.cachingEnabled ?? false;
  const ttlSeconds =
    applying.find((setting) => setting.cacheTtlSeconds !== null)?.cacheTtlSeconds ?? DEFAULT_TTL_SECONDS;
  return isEnabled && ttlSeconds > 0 ? { ttlSeconds } : null;
}
