/** Time for pauses that need no new grant, in seconds. */
const PAUSE_SECONDS = 15 * 60;

/**
 * Longest lifetime of a grant, in seconds: a link cannot be revoked. `npm run keys` waits that long before it retires a
 * key.
 */
export const MAX_GRANT_SECONDS = 12 * 60 * 60;

/**
 * What a grant is for. Apps hand downloads to the system, which may begin them hours later and cannot renew a grant.
 */
export type GrantPurpose = 'playback' | 'download';

/** The fraction of its lifetime after which a client should renew a grant. */
const REFRESH_AT = 0.75;

/** The lifetime of a grant. `expiresAt` is a whole second, since signatures have no fractions. */
export interface GrantLifetime {
  readonly expiresAt: Date;
  readonly refreshAfter: Date;
  /** Seconds from now to `expiresAt`, a whole number. */
  readonly lifeSeconds: number;
}

/**
 * Decides how long a grant lasts, but no longer than the permission to read: for playback, the duration of the
 * recording plus time for pauses; for a download, the longest lifetime.
 * @param seconds the total duration of everything granted together. 0 if unknown.
 * @param until when the permission to read ends. Null if it has no known end.
 */
export function grantLifetime(
  seconds: number,
  now: Date,
  until: Date | null,
  purpose: GrantPurpose = 'playback',
): GrantLifetime {
  const startMs = Math.floor(now.getTime() / 1000) * 1000;
  const leftSeconds = until === null ? MAX_GRANT_SECONDS : Math.floor((until.getTime() - startMs) / 1000);
  const neededSeconds = purpose === 'download' ? MAX_GRANT_SECONDS : Math.ceil(seconds) + PAUSE_SECONDS;
  const lifeSeconds = Math.min(neededSeconds, MAX_GRANT_SECONDS, leftSeconds);
  return {
    expiresAt: new Date(startMs + lifeSeconds * 1000),
    refreshAfter: new Date(startMs + lifeSeconds * REFRESH_AT * 1000),
    lifeSeconds,
  };
}
