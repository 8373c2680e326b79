import { openSession, type Session, type SessionOptions } from '../../../client/src/session.ts';

const USER = {
  id: '65f1c0ffee65f1c0ffee65f1',
  email: 'ada@example.com',
  name: 'Ada',
  language: 'en',
  roles: ['learner'],
  emailVerified: false,
  createdAt: '2026-11-02T09:30:00.000Z',
};
const OTHER = { ...USER, id: '75f1c0ffee65f1c0ffee65f2', email: 'ben@example.com' };
const CREDENTIALS = { email: USER.email, password: 'seven swans a-swimming' };
const DAY = 86_400;

interface Sent {
  readonly route: string;
  readonly authorization: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: a test says by its expectations what a body is.
  readonly body: any;
}

type Reply = () => Response | Promise<Response>;

let count = 0;

function tokens() {
  count += 1;
  return {
    accessToken: `access-${count}`,
    tokenType: 'Bearer',
    expiresIn: 900,
    refreshToken: `refresh-${count}`,
    refreshExpiresIn: 30 * DAY,
  };
}

const signedIn: Reply = () => Response.json({ user: USER, tokens: tokens() });
const otherSignedIn: Reply = () => Response.json({ user: OTHER, tokens: tokens() });
const renewed: Reply = () => Response.json({ tokens: tokens() });
const done: Reply = () => new Response(null, { status: 204 });
const never: Reply = () => new Promise(() => undefined);
const offline: Reply = () => Promise.reject(new TypeError('Failed to fetch'));
const problem =
  (status: number, code: string, headers = {}): Reply =>
  () =>
    Response.json({ type: `urn:lectern:problem:${code}`, title: code, status, code }, { status, headers });

/** A device, whose app can be opened again, with what the server will answer next. */
class App {
  text: string | null = null;
  readonly sent: Sent[] = [];
  readonly signedOut: unknown[] = [];
  time = Date.UTC(2026, 11, 1);
  replies: Reply[] = [];
  readonly storage = {
    getItem: async (key: string): Promise<string | null> => this.#check(key, this.text),
    setItem: async (key: string, text: string): Promise<void> => {
      this.text = this.#check(key, text);
    },
    removeItem: async (): Promise<void> => {
      this.text = null;
    },
  };
  readonly #sessions: Session[] = [];

  async open(options: Partial<SessionOptions> = {}): Promise<Session> {
    const session = await openSession({
      baseUrl: 'http://lectern.test/v1',
      storage: this.storage,
      now: () => this.time,
      onSignedOut: (reason, user) => this.signedOut.push([reason, user?.id]),
      fetch: async (url, { headers, body }) => {
        this.sent.push({
          route: url.replace('http://lectern.test/v1', ''),
          authorization: new Headers(headers).get('Authorization'),
          body: body === undefined ? null : JSON.parse(String(body)),
        });
        return (this.replies.shift() ?? offline)();
      },
      ...options,
    });
    this.#sessions.push(session);
    return session;
  }

  /** Opens the app and signs in. */
  async signedIn(): Promise<Session> {
    const session = await this.open();
    this.replies = [signedIn];
    await session.signIn(CREDENTIALS);
    this.sent.length = 0;
    return session;
  }

  pass(seconds: number): void {
    this.time += seconds * 1000;
  }

  routes(): string[] {
    return this.sent.map(({ route }) => route);
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }

  #check<T>(key: string, value: T): T {
    // What the secure storage of Expo accepts.
    if (!/^[\w.-]+$/.test(key)) throw new Error(`Invalid key ${key}`);
    return value;
  }
}

const RequestFailed = expect.objectContaining({ name: 'RequestFailed' });
const signedOut = (reason: string) => expect.objectContaining({ name: 'SignedOut', reason });

let app: App;
beforeEach(() => {
  app = new App();
});
afterEach(() => {
  app.close();
  jest.useRealTimers();
});

describe('a session', () => {
  it('starts without a learner', async () => {
    const session = await app.open();
    expect(session.user()).toBeNull();
    await expect(session.accessToken(false)).rejects.toEqual(signedOut('signed-out'));
    expect(app.signedOut).toEqual([]);
  });

  it('knows its learner and the token after the app was restarted offline', async () => {
    const token = await (await app.signedIn()).accessToken(false);
    const again = await app.open();
    expect(again.user()).toEqual(USER);
    expect(await again.accessToken(false)).toBe(token);
    expect(app.sent).toEqual([]);
  });

  it('sends the same device id with each sign-in, also after a restart', async () => {
    await expect((await app.open()).signIn(CREDENTIALS)).rejects.toEqual(RequestFailed);
    const session = await app.open();
    app.replies = [signedIn, done, signedIn];
    await session.signIn(CREDENTIALS);
    await session.signOut();
    await session.signIn(CREDENTIALS);
    const ids = app.sent.filter(({ route }) => route === '/auth/login').map(({ body }) => body.deviceId);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  it('makes ids without crypto, as in React Native', async () => {
    const { crypto } = globalThis;
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true, writable: true });
    try {
      await app.signedIn();
    } finally {
      Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true, writable: true });
    }
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(JSON.parse(app.text ?? '')).toMatchObject({
      deviceId: expect.stringMatching(uuid),
      account: { attemptId: expect.stringMatching(uuid) },
    });
  });

  it('says why a sign-in is refused', async () => {
    const session = await app.open();
    app.replies = [problem(401, 'invalid-credentials')];
    await expect(session.signIn(CREDENTIALS)).rejects.toMatchObject({
      name: 'SignInRefused',
      problem: { code: 'invalid-credentials' },
    });
    app.replies = [problem(429, 'too-many-requests', { 'Retry-After': '60' })];
    await expect(session.signIn(CREDENTIALS)).rejects.toMatchObject({ name: 'RequestFailed', retryAfterMs: 60_000 });
    app.replies = [() => new Response('<title>Welcome</title>')];
    await expect(session.signIn(CREDENTIALS)).rejects.toEqual(RequestFailed);
  });

  it('tells its listeners who is signed in', async () => {
    const session = await app.open();
    const heard: unknown[] = [];
    const end = session.onChange((user) => heard.push(user?.name ?? null));
    app.replies = [signedIn, done];
    await session.signIn(CREDENTIALS);
    await session.updateUser({ ...USER, name: 'Ada Moore' });
    await session.updateUser({ ...OTHER, name: 'Ben' });
    await session.signOut();
    end();
    app.replies = [signedIn];
    await session.signIn(CREDENTIALS);
    expect(heard).toEqual(['Ada', 'Ada Moore', null]);
  });

  it('stores less than secure storages accept, and never a password', async () => {
    const session = await app.open({ deviceName: 'x'.repeat(100) });
    const longest = { ...USER, email: 'a'.repeat(254), name: '🦢'.repeat(100), roles: ['learner', 'author', 'admin'] };
    const sizes: number[] = [];
    const { setItem } = app.storage;
    app.storage.setItem = async (key, text) => {
      expect(text).not.toContain(CREDENTIALS.password);
      sizes.push(Buffer.byteLength(text));
      await setItem(key, text);
    };
    app.replies = [
      offline,
      () =>
        Response.json({
          user: longest,
          tokens: { ...tokens(), accessToken: 'x'.repeat(700), refreshToken: 'x'.repeat(80) },
        }),
    ];
    const registration = { ...CREDENTIALS, email: longest.email, name: longest.name };
    await expect(session.signUp(registration)).rejects.toEqual(RequestFailed);
    await session.signUp(registration);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThan(2048);
  });
});

describe('a renewal', () => {
  it('happens ahead of the expiry, once for all calls', async () => {
    const session = await app.signedIn();
    const first = await session.accessToken(false);
    app.pass(800);
    expect(await session.accessToken(false)).toBe(first);
    app.pass(20);
    app.replies = [renewed];
    const next = await Promise.all([1, 2, 3, 4].map(() => session.accessToken(false)));
    expect(new Set(next).size).toBe(1);
    expect(next[0]).not.toBe(first);
    expect(app.routes()).toEqual(['/auth/refresh']);
  });

  it('happens at once for a refused token, and not for one that was replaced', async () => {
    const session = await app.signedIn();
    const refused = await session.accessToken(false);
    app.replies = [renewed];
    const next = await session.accessToken(true, refused);
    expect(next).not.toBe(refused);
    expect(await session.accessToken(true, refused)).toBe(next);
    expect(app.routes()).toEqual(['/auth/refresh']);
  });

  it('is not repeated by a second tab', async () => {
    const tab = await app.signedIn();
    const other = await app.open();
    const refused = await tab.accessToken(false);
    app.replies = [renewed];
    const [next, same] = await Promise.all([tab.accessToken(true, refused), other.accessToken(true, refused)]);
    expect(next).toBe(same);
    expect(app.routes()).toEqual(['/auth/refresh']);
  });

  it('sends the same token and attempt after a lost reply, also after a restart', async () => {
    await (await app.signedIn()).accessToken(false);
    app.pass(900);
    app.replies = [offline];
    await expect((await app.open()).accessToken(false)).rejects.toEqual(RequestFailed);
    app.replies = [renewed, renewed];
    const session = await app.open();
    await session.accessToken(false);
    await session.accessToken(true);
    const [lost, retry, next] = app.sent.map(({ body }) => body);
    expect(retry).toEqual(lost);
    expect(next.refreshToken).not.toBe(lost.refreshToken);
    expect(next.attemptId).not.toBe(lost.attemptId);
  });

  it('returns the old token while it is valid and the server is not reachable', async () => {
    const session = await app.signedIn();
    const token = await session.accessToken(false);
    app.pass(850);
    expect(await session.accessToken(false)).toBe(token);
    app.pass(60);
    await expect(session.accessToken(false)).rejects.toEqual(RequestFailed);
  });

  it('does not trust a clock that was set back', async () => {
    const session = await app.signedIn();
    app.pass(-DAY);
    app.replies = [renewed];
    await session.accessToken(false);
    await session.accessToken(false);
    expect(app.routes()).toEqual(['/auth/refresh']);
  });

  it.each<[string, Reply]>([
    ['no network', offline],
    ['a portal, 200 page', () => new Response('<title>Welcome</title>')],
    ['a portal that answers JSON, 200', () => Response.json({ portal: true })],
    ['a portal, 401 page', () => new Response('<title>Welcome</title>', { status: 401 })],
    [
      'another API, 401 problem',
      () => Response.json({ type: 'about:blank', status: 401, code: 'invalid-token' }, { status: 401 }),
    ],
    [
      'a cached problem with another status',
      () =>
        Response.json(
          { type: 'urn:lectern:problem:invalid-token', status: 401, code: 'invalid-token' },
          { status: 403 },
        ),
    ],
    ['a firewall, 403 page', () => new Response('Blocked', { status: 403 })],
    ['a reverse proxy, 404 page', () => new Response('404 page not found', { status: 404 })],
    ['a proxy that timed out, 408', () => new Response('', { status: 408 })],
    ['a tight rate limit, 429', problem(429, 'too-many-requests')],
    ['a bug, 400', problem(400, 'invalid-request')],
    ['a wrong address, 404', problem(404, 'not-found')],
    ['an error, 500', problem(500, 'internal-error')],
    ['an outage, 503', problem(503, 'unavailable')],
  ])('keeps the session on %s', async (_, reply) => {
    const session = await app.signedIn();
    const refused = await session.accessToken(false);
    app.replies = [reply];
    await expect(session.accessToken(true, refused)).rejects.toEqual(RequestFailed);
    expect(session.user()).toEqual(USER);
    app.replies = [renewed];
    expect(await session.accessToken(true, refused)).not.toBe(refused);
    expect(app.signedOut).toEqual([]);
  });

  it.each([
    ['ended', 3600],
    ['expired', 31 * DAY],
  ])('signs out with the reason %s, in each tab', async (reason, seconds) => {
    const session = await app.signedIn();
    const other = await app.open();
    app.pass(seconds);
    app.replies = [problem(401, 'invalid-token')];
    await expect(session.accessToken(false)).rejects.toEqual(signedOut(reason));
    expect(session.user()).toBeNull();
    await expect(other.accessToken(false)).rejects.toEqual(signedOut(reason));
    expect(other.user()).toBeNull();
    expect(app.signedOut).toEqual([
      [reason, USER.id],
      [reason, USER.id],
    ]);
    expect(app.routes()).toEqual(['/auth/refresh']);
  });

  it('waits as long as the server asks, and fails at once until then', async () => {
    const session = await app.signedIn();
    app.pass(1000);
    app.replies = [problem(503, 'unavailable', { 'Retry-After': '120' })];
    await expect(session.accessToken(false)).rejects.toMatchObject({ retryAfterMs: 120_000 });
    app.pass(100);
    await expect(session.accessToken(false)).rejects.toMatchObject({ name: 'RequestFailed', retryAfterMs: 20_000 });
    expect(app.sent).toHaveLength(1);
    app.pass(20);
    app.replies = [renewed];
    await session.accessToken(false);
    expect(app.sent).toHaveLength(2);
  });

  it('that is under way does not undo a sign-out', async () => {
    const session = await app.signedIn();
    let answer = (_: Response) => {};
    app.replies = [
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      done,
    ];
    const renewing = session.accessToken(true);
    const refused = expect(renewing).rejects.toEqual(signedOut('signed-out'));
    while (app.sent.length === 0) await Promise.resolve();
    await session.signOut();
    answer(await renewed());
    await refused;
    expect(session.user()).toBeNull();
    expect(app.text).not.toContain('access-');
  });
});

describe('a registration', () => {
  const REGISTRATION = { ...CREDENTIALS, name: 'Ada' };

  it('has the same attempt after a lost reply, also after a restart', async () => {
    await expect((await app.open()).signUp(REGISTRATION)).rejects.toEqual(RequestFailed);
    const session = await app.open();
    app.replies = [signedIn];
    await session.signUp({ ...REGISTRATION, email: ' ADA@example.com' });
    const [first, retry] = app.sent.map(({ body }) => body);
    expect(first.attemptId).toEqual(expect.any(String));
    expect(retry).toMatchObject({ attemptId: first.attemptId, deviceId: first.deviceId });
  });

  it('of another address has another attempt, and so has a later one', async () => {
    const session = await app.open();
    await expect(session.signUp(REGISTRATION)).rejects.toEqual(RequestFailed);
    app.replies = [otherSignedIn, done, signedIn];
    await session.signUp({ ...REGISTRATION, email: OTHER.email });
    await session.signOut();
    await session.signUp(REGISTRATION);
    const ids = app.sent.filter(({ route }) => route === '/auth/register').map(({ body }) => body.attemptId);
    expect(new Set(ids).size).toBe(3);
  });
});

describe('signing out', () => {
  it('is final at once, and tells the server', async () => {
    const session = await app.signedIn();
    const token = await session.accessToken(false);
    app.replies = [done];
    const leaving = session.signOut();
    expect(session.user()).toBeNull();
    await expect(session.accessToken(false)).rejects.toEqual(signedOut('signed-out'));
    await leaving;
    expect(app.sent).toEqual([{ route: '/auth/logout', authorization: `Bearer ${token}`, body: null }]);
    expect(app.signedOut).toEqual([['signed-out', USER.id]]);
    expect((await app.open()).user()).toBeNull();
  });

  it('tells the server with a renewed token if the old one has expired', async () => {
    const session = await app.signedIn();
    app.pass(DAY);
    app.replies = [problem(401, 'token-expired'), renewed, done];
    await session.signOut();
    expect(app.routes()).toEqual(['/auth/logout', '/auth/refresh', '/auth/logout']);
    expect(app.sent.at(-1)?.authorization).toBe(`Bearer access-${count}`);
  });

  it('reaches other tabs', async () => {
    const session = await app.signedIn();
    const other = await app.open();
    const heard = new Promise((resolve) => other.onChange(resolve));
    await session.signOut();
    expect(await heard).toBeNull();
    await expect(other.accessToken(false)).rejects.toEqual(signedOut('other-tab'));
    expect(app.signedOut).toContainEqual(['other-tab', USER.id]);
  });

  it('does not wait long for a server or a storage that never answers', async () => {
    jest.useFakeTimers();
    const session = await app.signedIn();
    app.replies = [never];
    app.storage.setItem = () => new Promise(() => undefined);
    const leaving = session.signOut();
    await jest.advanceTimersByTimeAsync(3000);
    await leaving;
    expect(session.user()).toBeNull();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(app.text).toBeNull();
  });

  it('removes the tokens from a storage that refuses to write', async () => {
    const session = await app.signedIn();
    app.storage.setItem = () => Promise.reject(new Error('The disk is full'));
    app.replies = [done];
    await session.signOut();
    expect(app.text).toBeNull();
  });

  it('ends a sign-in that is under way', async () => {
    const session = await app.open();
    let answer = (_: Response) => {};
    app.replies = [
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
      done,
    ];
    const entering = expect(session.signIn(CREDENTIALS)).rejects.toEqual(signedOut('signed-out'));
    while (app.sent.length === 0) await Promise.resolve();
    await session.signOut();
    answer(await signedIn());
    await entering;
    expect(session.user()).toBeNull();
    expect(app.routes()).toEqual(['/auth/login', '/auth/logout']);
  });
});

describe('two accounts', () => {
  it('never get the token of each other', async () => {
    const session = await app.signedIn();
    const ofAda = session.accessTokenOf(USER.id);
    const refused = await ofAda(false);
    app.replies = [otherSignedIn, done];
    await session.signIn({ ...CREDENTIALS, email: OTHER.email });
    expect(session.user()).toEqual(OTHER);
    expect(app.sent.at(-1)).toMatchObject({ route: '/auth/logout', authorization: `Bearer ${refused}` });
    expect(app.signedOut).toEqual([['replaced', USER.id]]);
    await expect(ofAda(false)).rejects.toEqual(signedOut('replaced'));
    await expect(ofAda(true, refused)).rejects.toEqual(signedOut('replaced'));
    // The request that was refused was of the learner before.
    await expect(session.accessToken(true, refused)).rejects.toEqual(signedOut('replaced'));
    expect(await session.accessToken(false)).toBe(await session.accessTokenOf(OTHER.id)(false));
  });

  it('stay apart when the other one signs in during a call', async () => {
    const session = await app.signedIn();
    const other = await app.open();
    let answer = (_: Response) => {};
    app.replies = [
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    ];
    const entering = other.signIn({ ...CREDENTIALS, email: OTHER.email });
    while (app.sent.length === 0) await Promise.resolve();
    const call = expect(session.accessToken(true)).rejects.toEqual(signedOut('replaced'));
    app.replies = [done, renewed];
    answer(await otherSignedIn());
    await entering;
    await call;
    expect(app.routes()).toEqual(['/auth/login', '/auth/logout']);
  });

  it('keep the first one if the other cannot sign in', async () => {
    const session = await app.signedIn();
    app.replies = [problem(401, 'invalid-credentials')];
    await expect(session.signIn({ ...CREDENTIALS, email: OTHER.email })).rejects.toThrow();
    expect(session.user()).toEqual(USER);
    expect(app.signedOut).toEqual([]);
  });
});

describe('a storage', () => {
  it.each(['', '{', '{}', 'null', '[]', '{"version":2}', '"text"', '{"version":1,"deviceId":"x","account":{}}'])(
    'with the text %j opens as signed out, and says so',
    async (text) => {
      app.text = text;
      const session = await app.open();
      expect(session.user()).toBeNull();
      await expect(session.accessToken(false)).rejects.toEqual(signedOut('storage'));
      expect(app.signedOut).toEqual([['storage', undefined]]);
      app.replies = [signedIn];
      await session.signIn(CREDENTIALS);
      expect((await app.open()).user()).toEqual(USER);
    },
  );

  it('that cannot be read now signs nobody out', async () => {
    await app.signedIn();
    const { getItem } = app.storage;
    app.storage.getItem = () => {
      throw new Error('The device is locked');
    };
    const session = await app.open();
    await expect(session.accessToken(false)).rejects.toEqual(RequestFailed);
    app.replies = [problem(401, 'invalid-credentials')];
    await expect(session.signIn({ ...CREDENTIALS, email: OTHER.email })).rejects.toThrow();
    app.storage.getItem = getItem;
    expect(await session.accessToken(false)).toMatch(/^access-/);
    expect(session.user()).toEqual(USER);
    expect(app.signedOut).toEqual([]);
  });

  it('that refuses to write gets by with the stored token, which the server repeats its answer to', async () => {
    const session = await app.signedIn();
    const { setItem } = app.storage;
    app.storage.setItem = () => Promise.reject(new Error('The disk is full'));
    app.replies = [renewed, renewed];
    const first = await session.accessToken(true);
    const second = await session.accessToken(true);
    expect(second).not.toBe(first);
    app.storage.setItem = setItem;
    app.replies = [renewed, renewed];
    const restarted = await app.open();
    await restarted.accessToken(true);
    await restarted.accessToken(true);
    const bodies = app.sent.map(({ body }) => JSON.stringify(body));
    expect(new Set(bodies.slice(0, 3)).size).toBe(1);
    expect(bodies[3]).not.toBe(bodies[0]);
  });

  it('that never answers holds up a renewal for seconds only', async () => {
    jest.useFakeTimers();
    const session = await app.signedIn();
    app.storage.getItem = () => new Promise(() => undefined);
    app.storage.setItem = () => new Promise(() => undefined);
    app.replies = [renewed];
    const token = session.accessToken(true);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(await token).toBe(`access-${count}`);
  });

  it('that writes late does not bring back who has signed out', async () => {
    jest.useFakeTimers();
    const session = await app.open();
    const late: (() => void)[] = [];
    const { setItem } = app.storage;
    app.storage.setItem = (key, text) => {
      late.push(() => void setItem(key, text));
      return new Promise(() => undefined);
    };
    app.replies = [signedIn, done];
    const entering = session.signIn(CREDENTIALS);
    await jest.advanceTimersByTimeAsync(20_000);
    expect(await entering).toEqual(USER);
    app.storage.setItem = setItem;
    await session.signOut();
    late.at(-1)?.();
    expect(app.text).toContain('access-');
    await expect(session.accessToken(false)).rejects.toEqual(signedOut('signed-out'));
    expect(session.user()).toBeNull();
  });

  it('that is locked by a suspended tab does not keep the app from opening', async () => {
    jest.useFakeTimers();
    const locks = { request: () => new Promise(() => undefined) };
    Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true, writable: true });
    try {
      const opening = app.open();
      await jest.advanceTimersByTimeAsync(60_000);
      const session = await opening;
      const token = expect(session.accessToken(false)).rejects.toEqual(RequestFailed);
      await jest.advanceTimersByTimeAsync(60_000);
      await token;
    } finally {
      Object.defineProperty(globalThis, 'navigator', { value: undefined, configurable: true, writable: true });
    }
  });

  it('that is emptied signs out', async () => {
    const session = await app.signedIn();
    app.text = null;
    await expect(session.accessToken(true)).rejects.toEqual(signedOut('storage'));
    expect(app.signedOut).toEqual([['storage', USER.id]]);
  });

  it('that loses the text while the app runs gets it again', async () => {
    const session = await app.signedIn();
    app.text = app.text?.slice(0, 50) ?? null;
    app.replies = [offline];
    await expect(session.accessToken(true)).rejects.toEqual(RequestFailed);
    expect((await app.open()).user()).toEqual(USER);
  });

  it('that works at once, as localStorage does, suits as well', async () => {
    const texts = new Map<string, string>();
    const storage = {
      getItem: (key: string) => texts.get(key) ?? null,
      setItem: (key: string, text: string) => void texts.set(key, text),
      removeItem: (key: string) => void texts.delete(key),
    };
    app.replies = [signedIn];
    await (await app.open({ storage })).signIn(CREDENTIALS);
    expect((await app.open({ storage })).user()).toEqual(USER);
  });
});
