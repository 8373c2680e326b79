/** A pause that does not need a new grant, in seconds. */
const PAUSE_SECONDS = 15 * 60;

/** The most that a grant lasts, in seconds: a link cannot be taken back. `npm run keys` waits as long before it retires a key. */
export const MAX_GRANT_SECONDS = 12 * 60 * 60;

/** How much of its time a grant has run when it should be renewed. */
const REFRESH_AT = 0.75;

/** From when until when a grant is good; `expiresAt` is a whole second, as signatures know no others. */
export interface GrantLifetime {
  readonly expiresAt: Date;
  readonly refreshAfter: Date;
  /** From now until `expiresAt`, in whole seconds. */
  readonly lifeSeconds: number;
}

/**
 * How long a grant lasts: as long as what it is for plays, and a pause; but no longer than the leave to read it does.
 * @param seconds what all that is granted at once takes to play; 0 where that is not known
 * @param until when the leave to read ends; null where no end is known
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
