import { setTimeout as wait } from 'node:timers/promises';
import { fault, type HttpClient, listAt } from './http.ts';

/** By this name, smoke tests recognize each other's sessions. */
export const DEVICE_NAME = 'Smoke test';

/** How long a session of another test may be older. Then the test was killed, and is not waited for. */
const LONGEST_TEST_MS = 60_000;

export interface TurnOptions {
  /** How often to look. */
  readonly intervalMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until no earlier test of the same account is running, because two would remove each other's progress. The one that
 * signed in first goes first. Returns how long it waited, in seconds.
 */
export async function waitForTurn(
  http: HttpClient,
  accessToken: string,
  { intervalMs, signal }: TurnOptions,
): Promise<number> {
  const startedAt = Date.now();
  const waitedMs = () => Date.now() - startedAt;
  while (await isAnotherBefore(http, accessToken, waitedMs())) await wait(intervalMs, undefined, { signal });
  return Math.round(waitedMs() / 1000);
}

async function isAnotherBefore(http: HttpClient, accessToken: string, waitedMs: number): Promise<boolean> {
  const answer = await http.api('GET', '/auth/sessions', { accessToken });
  const sessions = listAt(answer, 'items');
  const own = sessions.find(({ current }) => current === true);
  if (own === undefined) throw fault(answer, 'the session that was started is not among them');
  // Times of the server, so that the clock of this machine does not matter.
  const createdMs = (session: Readonly<Record<string, unknown>>) => Date.parse(String(session['createdAt']));
  return sessions.some((session) => {
    const earlierMs = createdMs(own) - createdMs(session);
    const isFirst = earlierMs > 0 || (earlierMs === 0 && String(session['id']) < String(own['id']));
    return session['deviceName'] === DEVICE_NAME && isFirst && earlierMs + waitedMs < LONGEST_TEST_MS;
  });
}
