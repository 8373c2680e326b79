import { CheckFailed, type Checks, createChecks, NotTried, type Outcome, required } from './checks.ts';
import { chooseLesson, readCatalog, readGuardedLesson, readWithoutCompression } from './course.ts';
import { openFeed, revokeFeed } from './feed.ts';
import { createHttpClient, type HttpClient } from './http.ts';
import { leaveCourse, recordProgress, requireUntouched } from './progress.ts';
import { NO_RECORDING, playFirstBytes, refuseWithoutGrant, requestGrant } from './recording.ts';
import { createRemainders, type Remainder, type Remainders } from './remainders.ts';
import {
  type Account,
  readAccount,
  readPublicKeys,
  refuseWrongTokens,
  signIn,
  signOut,
  verifyToken,
} from './session.ts';
import type { TurnOptions } from './turn.ts';

export interface SmokeOptions {
  /** A test account. Null tries only what needs none. */
  readonly account: Account | null;
  /** Receives one line for each check. Contains no token and no signed address. */
  readonly print: (line: string) => void;
  /** The time limit of each request. */
  readonly timeoutMs?: number;
  /** How often to look whether an earlier test of the same account has ended. */
  readonly turnIntervalMs?: number;
  /** Ends the test before the next request. It still cleans up. */
  readonly signal?: AbortSignal;
}

/** Longer than the 10 s that a function may take, and a cold start. */
const TIMEOUT_MS = 15_000;
const TURN_INTERVAL_MS = 2000;

const NO_ACCOUNT = 'no test account';
const NOT_SIGNED_IN = 'nobody is signed in';
const NO_LESSON = 'no lesson to read';
const EARLIER_FAILURE = 'an earlier check did not pass';

/**
 * Uses an API as an app does, from the catalog to a podcast feed, and removes everything that it created: also after a
 * failure or an interruption.
 * @param apiUrl with the stage, such as `https://api.example.com/v1`
 */
export async function smoke(apiUrl: string, options: SmokeOptions): Promise<Outcome> {
  const { account, print, timeoutMs = TIMEOUT_MS, turnIntervalMs = TURN_INTERVAL_MS, signal } = options;
  const base = { apiUrl: apiUrl.replace(/\/+$/, ''), timeoutMs };
  const checks = createChecks(print);
  const remainders = createRemainders(print);
  // Not stopped by the signal.
  const cleanUp = createHttpClient(base);
  const http = createHttpClient({ ...base, signal });
  try {
    await runChecks(checks, { http, cleanUp, account, remainders, turn: { intervalMs: turnIntervalMs, signal } });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
    await checks.run('interrupted', () => Promise.reject(new CheckFailed('the other checks were not made')));
  } finally {
    await removeAfter(null, checks, remainders);
  }
  return checks.outcome();
}

async function removeAfter(earlier: Remainder | null, { run }: Checks, remainders: Remainders): Promise<void> {
  const failures = await remainders.removeAfter(earlier);
  if (failures.length > 0) await run('clean-up', () => Promise.reject(new CheckFailed(failures.join('; '))));
}

interface Parts {
  readonly http: HttpClient;
  readonly cleanUp: HttpClient;
  readonly account: Account | null;
  readonly remainders: Remainders;
  readonly turn: TurnOptions;
}

/** Each check builds on the values of earlier ones, and is not tried if one of them is missing. */
async function runChecks(checks: Checks, { http, cleanUp, account, remainders, turn }: Parts): Promise<void> {
  const { run } = checks;
  const catalog = await run('catalog', () => readCatalog(http));
  await run('compression', () => readWithoutCompression(http));
  const keys = await run('public keys', () => readPublicKeys(http));

  const session = await run('sign-in', async () =>
    signIn(http, cleanUp, required(account, NO_ACCOUNT), { remainders, ...turn }),
  );
  const signedIn = () => required(session, account === null ? NO_ACCOUNT : NOT_SIGNED_IN);
  await run('token', async () => verifyToken(signedIn(), required(keys, EARLIER_FAILURE)));
  await run('account', async () => readAccount(http, signedIn()));
  await run('wrong tokens', async () => refuseWrongTokens(http, signedIn()));

  const lesson = await run('a course to read', async () =>
    chooseLesson(http, signedIn().accessToken, required(catalog, EARLIER_FAILURE)),
  );
  const chosen = () => required(lesson, NO_LESSON);
  await run('guarded lesson', async () => readGuardedLesson(http, signedIn().accessToken, chosen()));

  const grant = await run('playback grant', async () => {
    if (!chosen().hasRecording) throw new NotTried(NO_RECORDING);
    return requestGrant(http, signedIn().accessToken, chosen());
  });
  const granted = () => required(grant, lesson?.hasRecording === false ? NO_RECORDING : EARLIER_FAILURE);
  await run('recording', async () => playFirstBytes(http, granted()));
  await run('recording without a grant', async () => refuseWithoutGrant(http, granted()));

  const progress = await run('progress', async () =>
    recordProgress(http, cleanUp, signedIn().accessToken, chosen(), remainders),
  );
  // After progress, which marks the course as used by this test.
  const recorded = () => required(progress, EARLIER_FAILURE);
  const feed = await run('podcast feed', async () => {
    requireUntouched(chosen());
    recorded();
    return openFeed(http, cleanUp, signedIn().accessToken, chosen(), remainders);
  });
  await run('revoked feed', async () => revokeFeed(http, required(feed, EARLIER_FAILURE)));
  await run('leaving the course', async () => leaveCourse(http, signedIn().accessToken, chosen(), recorded()));
  // While the session can still remove it. What fails here stays.
  if (session !== null) await removeAfter(session.remainder, checks, remainders);
  await run('sign-out', async () => signOut(http, signedIn()));
}
