/** A pause that needs no new grant, in seconds. */
const PAUSE_SECONDS = 15 * 60;

/**
 * Longest lifetime of a grant, in seconds: a link cannot be revoked. `npm run keys` waits that long before it retires a
 * key.
 */
export const MAX_GRANT_SECONDS = 12 * 60 * 60;

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
 * Decides how long a grant lasts: the duration of the recording and a pause, but no longer than the permission to read.
 * @param seconds the total duration of everything granted together. 0 if unknown.
 * @param until when the permission to read ends. Null if it has no known end.
 */
export function grantLifetime(seconds: number, now: Date, until: Date | null): GrantLifetime {
  const startMs = Math.floor(now.getTime() / 1000) * 1000;
  const leftSeconds = until === null ? MAX_GRANT_SECONDS : Math.floor((until.getTime() - startMs) / 1000);
  const lifeSeconds = Math.min(Math.ceil(seconds) + PAUSE_SECONDS, MAX_GRANT_SECONDS, leftSeconds);
  return {
    expiresAt: new Date(startMs + lifeSeconds * 1000),
    refreshAfter: new Date(startMs + lifeSeconds * REFRESH_AT * 1000),
    lifeSeconds,
  };
}
