import { createHmac } from 'node:crypto';

/** How many attempts are allowed in one window of time. */
interface Limit {
  readonly attempts: number;
  readonly windowSeconds: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/**
 * The rate limits. A successful sign-in is refunded, so that only failures count. A network may be a school behind one
 * address, so its limits are wide. The limit on one account from one network is what makes guessing hopeless.
 */
const LIMITS = {
  /** Enough for typing errors; a guesser gets about a thousand attempts a day. */
  'login of account from network': { attempts: 10, windowSeconds: 15 * MINUTE },
  /**
   * Limits guesses at one account from many networks. Networks that the account knows are exempt, so that an attacker
   * cannot lock the learner out.
   */
  'login of account': { attempts: 100, windowSeconds: HOUR },
  /** Against trying leaked passwords on many accounts. */
  'login from network': { attempts: 100, windowSeconds: 15 * MINUTE },
  /** Each registration costs half a second of processor time. */
  'registration from network': { attempts: 300, windowSeconds: HOUR },
  /** Enough for a learner who does not find the mail. */
  'reset of account from network': { attempts: 5, windowSeconds: HOUR },
  /** Limits the mails to one mailbox, however many networks request them. */
  'reset of account': { attempts: 20, windowSeconds: HOUR },
  /** Each request may send a mail. */
  'reset from network': { attempts: 100, windowSeconds: HOUR },
  /**
   * Each request sends a mail, perhaps to a stranger whose address was registered. Counts from all networks together.
   */
  'verification of account': { attempts: 5, windowSeconds: HOUR },
  /** Limits what one network can send from many new accounts. */
  'verification from network': { attempts: 100, windowSeconds: HOUR },
  /** Keeps the finder of an unlocked phone from guessing the password. Does not affect the learner's other devices. */
  'password in session': { attempts: 10, windowSeconds: 15 * MINUTE },
} as const satisfies Readonly<Record<string, Limit>>;

/** A counter, stored under a hash. */
export interface AttemptCounter extends Limit {
  readonly id: string;
}

/**
 * Returns the counter of a limit for its subjects, such as an account and a network.
 * @param key the HMAC key, without which the stored hashes do not reveal their subjects
 */
export function attemptCounter(
  key: string,
  limit: keyof typeof LIMITS,
  ...subjects: readonly string[]
): AttemptCounter {
  return { ...LIMITS[limit], id: keyedHash(key, limit, ...subjects) };
}

/**
 * Returns the hash by which an account remembers a network. It differs by account, so that accounts cannot be linked.
 */
export function knownNetworkHash(key: string, userId: string, network: string): string {
  return keyedHash(key, 'known network', userId, network);
}

/**
 * Returns the counters of a sign-in. From a network that the account knows, only its own counter applies, so that
 * nobody elsewhere can lock the learner out.
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

/** Returns the counters of a password reset. As for {@link loginCounters}, a known network has only its own. */
export function resetCounters(
  key: string,
  attempt: { readonly emailKey: string; readonly network: string; readonly isKnown: boolean },
): readonly [own: AttemptCounter, ...shared: AttemptCounter[]] {
  const { emailKey, network, isKnown } = attempt;
  const own = attemptCounter(key, 'reset of account from network', emailKey, network);
  if (isKnown) return [own];
  return [own, attemptCounter(key, 'reset of account', emailKey), attemptCounter(key, 'reset from network', network)];
}

/** Returns the counters of a request for another verification mail. */
export function verificationCounters(
  key: string,
  userId: string,
  network: string,
): readonly [own: AttemptCounter, ...shared: AttemptCounter[]] {
  return [
    attemptCounter(key, 'verification of account', userId),
    attemptCounter(key, 'verification from network', network),
  ];
}

function keyedHash(key: string, ...parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
