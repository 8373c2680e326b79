import { createHmac } from 'node:crypto';

/** How many attempts are let through in one window of time. */
interface Limit {
  readonly attempts: number;
  readonly windowSeconds: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/**
 * What is limited. Of sign-ins only failures count in the end. A network may be a school behind one address, so its
 * limits are wide; what makes guessing hopeless is the limit on one account from one network.
 */
const LIMITS = {
  /** A learner's typing errors; a guesser gets about a thousand a day. */
  'login of account from network': { attempts: 10, windowSeconds: 15 * MINUTE },
  /** Guessing one account from many networks. Not for networks that the account knows, which must not be locked out. */
  'login of account': { attempts: 100, windowSeconds: HOUR },
  /** Trying leaked passwords on many accounts. */
  'login from network': { attempts: 100, windowSeconds: 15 * MINUTE },
  /** Each costs half a second of a processor. */
  'registration from network': { attempts: 300, windowSeconds: HOUR },
  /** A learner who looks for the mail in the wrong place. */
  'reset of account from network': { attempts: 5, windowSeconds: HOUR },
  /** What one mailbox gets, however many networks ask for it. */
  'reset of account': { attempts: 20, windowSeconds: HOUR },
  /** Each may send a mail. */
  'reset from network': { attempts: 100, windowSeconds: HOUR },
  /** Whoever found an unlocked phone guesses no password; the learner's other devices are not hindered. */
  'password in session': { attempts: 10, windowSeconds: 15 * MINUTE },
} as const satisfies Readonly<Record<string, Limit>>;

/** One counter: what it may come to, and the hash it is kept under. */
export interface AttemptCounter extends Limit {
  readonly id: string;
}

/**
 * The counter of a limit for those it is about, such as an account and a network.
 * @param key keeps the stored hashes from telling whom they are of
 */
export function attemptCounter(
  key: string,
  limit: keyof typeof LIMITS,
  ...subjects: readonly string[]
): AttemptCounter {
  return { ...LIMITS[limit], id: keyedHash(key, limit, ...subjects) };
}

/** The hash by which an account remembers a network: another one in each account, so that they cannot be linked. */
export function knownNetworkHash(key: string, userId: string, network: string): string {
  return keyedHash(key, 'known network', userId, network);
}

/**
 * What a sign-in counts against. From a network that has signed in to the account before, only what comes from there:
 * nobody elsewhere can lock it out.
 */
export function loginCounters(
  key: string,
  attempt: { readonly emailKey: string; readonly network: string; readonly isKnown: boolean },
): readonly [own: AttemptCounter, ...shared: AttemptCounter[]] {
  const { emailKey, network, isKnown } = attempt;
  const own = attemptCounter(key, 'login of account from network', emailKey, network);
  if (isKnown) return [own];
  return [own, attemptCounter(key, 'login of account', emailKey), attemptCounter(key, 'login from network', network)];
}

/** What asking for a password reset counts against; as for {@link loginCounters}, a known network counts alone. */
export function resetCounters(
  key: string,
  attempt: { readonly emailKey: string; readonly network: string; readonly isKnown: boolean },
): readonly [own: AttemptCounter, ...shared: AttemptCounter[]] {
  const { emailKey, network, isKnown } = attempt;
  const own = attemptCounter(key, 'reset of account from network', emailKey, network);
  if (isKnown) return [own];
  return [own, attemptCounter(key, 'reset of account', emailKey), attemptCounter(key, 'reset from network', network)];
}

function keyedHash(key: string, ...parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
