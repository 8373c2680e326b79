import { type AccessToken, type Fetch, RequestFailed } from './platform/http.ts';
import { newUuid } from './platform/new-id.ts';
import { withinTime } from './platform/time-limit.ts';
import { authRequests, refusalOf, requestFailure, SignInRefused } from './session/auth-requests.ts';
import { locked } from './session/locked.ts';
import { openSessionStore } from './session/session-store.ts';
import { SignedOut, type SignedOutReason } from './session/signed-out.ts';
import type { Account, StoredSession } from './session/stored-session.ts';
import { isOver, tokensOf, type User, userOf } from './session/tokens.ts';
import type { KeyValueStorage } from './storage.ts';

export { SignedOut, type SignedOutReason, SignInRefused, type User };

/*
 * Who is signed in on this device, and their tokens. All tabs and workers of an app share one session through its storage.
 * Decision 44 gives the reasons.
 */

export interface SessionOptions {
  /** Such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  /** Tokens are secrets, so on phones take a secure storage. One storage is for one API. */
  readonly storage: KeyValueStorage;
  /**
   * Called once when a learner is no longer signed in, in each tab. `user` is null if the stored session could not be read
   * when it was opened.
   */
  readonly onSignedOut?: (reason: SignedOutReason, user: User | null) => void;
  /** The name of the device in the learner's list of sessions. */
  readonly deviceName?: string;
  readonly fetch?: Fetch;
  /** The device's clock, in milliseconds. It may be wrong. */
  readonly now?: () => number;
  /** A random UUID. */
  readonly newId?: () => string;
}

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface Registration extends Credentials {
  readonly name: string;
  /** A BCP 47 tag, such as `pt-BR`. */
  readonly language?: string;
}

export interface Session {
  /** Returns who is signed in, also offline. */
  user(): User | null;
  /**
   * Creates an account and signs in to it. After a RequestFailed, call it again, even after the app was restarted: it finds
   * the account if the first call created it.
   * @throws SignInRefused, for example with the code `email-taken`; RequestFailed
   */
  signUp(registration: Registration): Promise<User>;
  /**
   * Signs in. The learner who was signed in before is signed out, once this succeeds.
   * @throws SignInRefused, with the code `invalid-credentials` for a wrong address or password; RequestFailed
   */
  signIn(credentials: Credentials): Promise<User>;
  /** Signs out at once, and tells the server if it answers within seconds. Never fails. */
  signOut(): Promise<void>;
  /**
   * Returns the access token of the learner who is signed in now, renewed if it is due.
   * @throws SignedOut, also if another learner signs in meanwhile; RequestFailed
   */
  readonly accessToken: AccessToken;
  /** Returns the same for one account: a queue of this learner never gets the token of another. */
  accessTokenOf(userId: string): AccessToken;
  /** Stores a changed account, as `PATCH /auth/me` and `GET /auth/me` return it. Ignores any other learner's. */
  updateUser(user: User): Promise<void>;
  /** Calls back when somebody signs in or out or changes, also in another tab. Returns a function that ends this. */
  onChange(listener: (user: User | null) => void): () => void;
  /** Stops listening to other tabs. */
  close(): void;
}

/** For the requests that get tokens. Only one of them runs at a time, in all tabs. */
const LOCK = 'lectern.session';
/** Longer than two requests take that get no answer, with their storing. */
const LOCK_TIMEOUT_MS = 120_000;

/** The part of its lifetime after which an access token is renewed. Requests under way still have the rest. */
const RENEW_AT = 0.9;

/** How long signing out waits for storage and server. */
const SIGN_OUT_MS = 3000;

/** More tokens than a request can outlive. */
const REMEMBERED_TOKENS = 20;

/** Opens the session of this device, whether or not somebody is signed in. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { baseUrl, storage, onSignedOut, deviceName } = options;
  const requests = authRequests(baseUrl, options.fetch ?? ((url, init) => fetch(url, init)));
  const now = options.now ?? Date.now;
  const newId = options.newId ?? newUuid;

  const listeners = new Set<(user: User | null) => void>();
  /** Whose a token was that the server may yet refuse. */
  const holders = new Map<string, string>();
  let renewing: { readonly from: string; readonly done: Promise<void> } | undefined;
  let signOuts = 0;
  /** The server asked for no renewals in this time. */
  let pause = { from: 0, until: 0 };

  const store = await openSessionStore(storage, { deviceId: newId(), account: null }, tell, () => {
    later(() => onSignedOut?.('storage', null));
  });

  function tell(before: StoredSession, after: StoredSession): void {
    const left = before.account?.user ?? null;
    const user = after.account?.user ?? null;
    if (JSON.stringify(left) === JSON.stringify(user)) return;
    if (left !== null && left.id !== user?.id) later(() => onSignedOut?.(reasonOf(after), left));
    for (const listener of listeners) later(() => listener(user));
  }

  /** Returns the account of this learner, by default of the one who is signed in. Null if they are not. */
  function find(holder = store.current().account?.user.id): Account | null {
    const { account } = store.current();
    return account?.user.id === holder ? account : null;
  }

  /** @throws SignedOut if the account is not signed in; RequestFailed if that is not known */
  function accountOf(holder: string | undefined): Account {
    const account = find(holder);
    if (account === null) throw store.isOutdated() ? unreadable() : new SignedOut(reasonOf(store.current()));
    return account;
  }

  /** Tells whether less than this part of the token's lifetime is over. Not at an age below 0: the clock was set back. */
  function isYoung({ requestedAt, expiresIn }: Account, part: number): boolean {
    const ageMs = now() - requestedAt;
    return ageMs >= 0 && ageMs < expiresIn * 1000 * part;
  }

  /** @param holder the learner whose token it must be. Undefined if nobody was known to be signed in when it was requested */
  async function tokenOf(holder: string | undefined, renewed: boolean, refused: string | undefined): Promise<string> {
    // Before anybody is told to sign in, in case another tab has just signed in.
    if (store.isOutdated() || find(holder) === null) await store.sync();
    const account = accountOf(holder);
    const { accessToken } = account;
    const isRefused = renewed && (refused ?? accessToken) === accessToken;
    if (isRefused || !isYoung(account, RENEW_AT)) {
      try {
        await renewOnce(account);
      } catch (error) {
        const isUsable = error instanceof RequestFailed && !isRefused && isYoung(account, 1);
        if (!isUsable) throw error;
      }
    }
    const token = accountOf(account.user.id).accessToken;
    holders.set(token, account.user.id);
    for (const oldest of holders.keys()) if (holders.size > REMEMBERED_TOKENS) holders.delete(oldest);
    return token;
  }

  /** Calls that want to replace the same token share one renewal. */
  function renewOnce(account: Account): Promise<void> {
    if (renewing?.from !== account.accessToken) {
      const current = { from: account.accessToken, done: renew(account) };
      const forget = () => {
        if (renewing === current) renewing = undefined;
      };
      current.done.then(forget, forget);
      renewing = current;
    }
    return renewing.done;
  }

  function renew(stale: Account): Promise<void> {
    return locked(LOCK, LOCK_TIMEOUT_MS, async () => {
      await store.sync();
      const account = accountOf(stale.user.id);
      // Another tab has renewed it.
      if (account.accessToken !== stale.accessToken && isYoung(account, RENEW_AT)) return;
      // The stored token may be later than the one in memory, which then counts as stolen.
      if (store.isOutdated()) throw unreadable();
      const time = now();
      if (time >= pause.from && time < pause.until) {
        throw new RequestFailed('The server asked to wait', pause.until - time);
      }

      const answer = await requests.renew(account);
      const tokens = tokensOf(answer);
      if (tokens !== null) await keep(account, { ...tokens, requestedAt: time, attemptId: newId() });
      else if (isOver(answer)) {
        const isExpired = time - account.requestedAt >= account.refreshExpiresIn * 1000;
        await store.update(ifSame(account, (_, stored) => withoutAccount(stored, isExpired ? 'expired' : 'ended')));
      } else {
        if (answer.retryAfterMs > 0) pause = { from: time, until: now() + answer.retryAfterMs };
        throw requestFailure(answer);
      }
    });
  }

  /**
   * The server repeats its answer to the stored refresh token until its successor is used. So a successor is used only once
   * it is stored itself: otherwise the app could die and come back with a token that counts as stolen.
   */
  function keep(account: Account, { refreshToken, attemptId, ...renewed }: Omit<Account, 'user'>): Promise<void> {
    const change = (next: Partial<Account>) =>
      ifSame(account, (same, stored) => ({ ...stored, account: { ...same, ...renewed, ...next } }));
    return store.update(change({ refreshToken, attemptId }), { ifUnsaved: change({}) });
  }

  /** Signs in by a request. Its retries have the same ids, which `prepare` stores. */
  async function enter(
    path: 'login' | 'register',
    details: object,
    prepare: (stored: StoredSession) => StoredSession,
  ): Promise<User> {
    const before = signOuts;
    let left = null as Account | null;
    const { user } = await locked(LOCK, LOCK_TIMEOUT_MS, async () => {
      await store.update(prepare);
      const { deviceId, registration } = store.current();
      const attemptId = path === 'register' ? registration?.attemptId : undefined;
      const requestedAt = now();
      const answer = await requests.post(path, { ...details, deviceId, deviceName, attemptId });
      const [tokens, user] = [tokensOf(answer), userOf(answer)];
      if (tokens === null || user === null) throw refusalOf(answer) ?? requestFailure(answer);
      const account = { ...tokens, user, requestedAt, attemptId: newId() };
      await store.update(
        (stored) => {
          if (signOuts !== before) return stored;
          left = stored.account;
          return { deviceId: stored.deviceId, account };
        },
        { overwrite: true },
      );
      if (signOuts !== before) {
        void soon(requests.end(account));
        throw new SignedOut('signed-out');
      }
      return account;
    });
    if (left !== null && left.user.id !== user.id) await soon(requests.end(left));
    return user;
  }

  return {
    user: () => find()?.user ?? null,

    // The server refuses further members, which a form may have.
    signUp: ({ email, password, name, language }) => {
      const address = email.trim().toLowerCase();
      return enter('register', { email, password, name, language }, (stored) =>
        stored.registration?.email === address
          ? stored
          : { ...stored, registration: { email: address, attemptId: newId() } },
      );
    },

    signIn: ({ email, password }) => enter('login', { email, password }, (stored) => stored),

    async signOut() {
      signOuts += 1;
      const { account } = store.current();
      const stored = store.update(({ deviceId }) => withoutAccount({ deviceId }, 'signed-out'), {
        atOnce: true,
        overwrite: true,
      });
      await soon(Promise.all([stored, account && requests.end(account)]));
    },

    accessToken(renewed, refused) {
      const holder = refused === undefined ? undefined : holders.get(refused);
      return tokenOf(holder ?? find()?.user.id, renewed, refused);
    },

    accessTokenOf: (holder) => (renewed, refused) => tokenOf(holder, renewed, refused),

    updateUser: (user) =>
      store.update((stored) =>
        stored.account?.user.id === user.id ? { ...stored, account: { ...stored.account, user } } : stored,
      ),

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    close: store.close,
  };
}

function reasonOf({ account, ended }: StoredSession): SignedOutReason {
  return account === null ? (ended ?? 'signed-out') : 'replaced';
}

function withoutAccount(stored: Omit<StoredSession, 'account'>, ended: SignedOutReason): StoredSession {
  return { ...stored, account: null, ended };
}

/** Changes the stored session if its refresh token is still the one that was sent. */
function ifSame(sent: Account, change: (same: Account, stored: StoredSession) => StoredSession) {
  return (stored: StoredSession) =>
    stored.account?.refreshToken === sent.refreshToken ? change(stored.account, stored) : stored;
}

function unreadable(): RequestFailed {
  return new RequestFailed('The stored session cannot be read');
}

/** Calls the app after the session has changed. Its errors do not stop that. */
function later(call: () => void): void {
  void Promise.resolve().then(call);
}

/** Waits a while for what may fail or go on by itself. */
function soon(work: Promise<unknown>): Promise<unknown> {
  return withinTime(SIGN_OUT_MS, work).catch(() => undefined);
}
