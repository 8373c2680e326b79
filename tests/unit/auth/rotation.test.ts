import fc from 'fast-check';
import { judgeRotation, type Presentation } from '../../../functions/auth/session/refresh-rotation.ts';
import { buildSession, buildUser } from '../../support/builders/account.ts';

const BEGIN = new Date('2026-11-02T09:30:00.000Z');
const GRACE = 60;
const DAY_MS = 86_400_000;

const later = (seconds: number) => new Date(BEGIN.getTime() + seconds * 1000);

/** A session that starts at BEGIN. */
const sessionWith = (overrides: Parameters<typeof buildSession>[0] = {}) =>
  buildSession({ createdAt: BEGIN, ...overrides });

function verdictOn(
  presented: number | Presentation,
  seconds: number,
  { session = sessionWith({ generation: 7 }), user = buildUser(), graceSeconds = GRACE } = {},
) {
  const presentation = typeof presented === 'number' ? { generation: presented } : presented;
  return judgeRotation({ session, user }, presentation, { now: later(seconds), graceSeconds });
}

describe('a refresh token', () => {
  it('rotates to the next generation when it is current', () => {
    expect(verdictOn(7, 300)).toEqual({
      kind: 'rotate',
      changes: {
        generation: 8,
        rotatedAt: later(300),
        attemptHash: null,
        recentRotations: [],
        lastUsedAt: later(300),
        expiresAt: new Date(later(300).getTime() + 30 * DAY_MS),
      },
    });
  });

  it.each([
    ['the previous one, while its reply may still be in transit', 'repeat', 6, 0],
    ['the previous one, at the end of the grace period', 'repeat', 6, 60],
    ['the previous one, after the grace period', 'replayed', 6, 60.001],
    ['the previous one, by a clock that is slightly behind', 'repeat', 6, -5],
    ['older than the previous one, and its replacement is not remembered', 'replayed', 5, 0],
    ['the first one', 'replayed', 0, 0],
    ['later than the current one, as after a restore of the database', 'rolled-back', 8, 0],
  ])('that is %s gets the verdict %s', (_, kind, generation, seconds) => {
    expect(verdictOn(generation, seconds)).toMatchObject({ kind });
  });

  it('has no grace period when the setting is 0', () => {
    expect(verdictOn(6, 0.001, { graceSeconds: 0 })).toEqual({ kind: 'replayed' });
  });

  it('of an ended session is rejected, and revokes nothing', () => {
    const ended = [
      { session: sessionWith({ generation: 7, expiresAt: later(10) }) },
      { session: sessionWith({ generation: 7 }), user: buildUser({ tokenEpoch: 1 }) },
      { session: sessionWith({ generation: 7 }), user: buildUser({ _id: 'somebody-else' }) },
    ];
    for (const state of ended) {
      for (const generation of [7, 6, 0]) expect(verdictOn(generation, 10, state)).toEqual({ kind: 'ended' });
    }
  });

  it('never extends a session beyond its absolute end', () => {
    const absoluteExpiresAt = later(86_400);
    const verdict = verdictOn(7, 300, { session: sessionWith({ generation: 7, absoluteExpiresAt }) });
    expect(verdict).toMatchObject({ changes: { expiresAt: absoluteExpiresAt } });
  });
});

describe('the attempt that made the current token', () => {
  const rotated = sessionWith({ generation: 7, attemptHash: 'attempt' });

  it.each([
    ['gets it again a month later', { generation: 6, attemptHash: 'attempt' }, 'repeat'],
    ['does not work for an older token', { generation: 5, attemptHash: 'attempt' }, 'replayed'],
    ['is not another one', { generation: 6, attemptHash: 'another' }, 'replayed'],
    ['is not a longer one', { generation: 6, attemptHash: 'attempts' }, 'replayed'],
    ['is not none', { generation: 6 }, 'replayed'],
  ])('%s', (_, presentation, kind) => {
    expect(verdictOn(presentation, 29 * 86_400, { session: rotated })).toEqual({ kind });
  });

  it('is stored by the rotation, and replaced by the next one', () => {
    const verdict = verdictOn({ generation: 7, attemptHash: 'next' }, 300, { session: rotated });
    expect(verdict).toMatchObject({ changes: { attemptHash: 'next' } });
    expect(verdictOn(7, 300, { session: rotated })).toMatchObject({ changes: { attemptHash: null } });
  });

  it.each([null, undefined])('is matched by no request if it is %p', (attemptHash) => {
    const session = { ...sessionWith({ generation: 7 }), ...(attemptHash === null && { attemptHash }) };
    expect(verdictOn({ generation: 6 }, 3600, { session })).toEqual({ kind: 'replayed' });
    expect(verdictOn({ generation: 6, attemptHash: '' }, 3600, { session })).toEqual({ kind: 'replayed' });
  });
});

describe('tokens of requests that cross each other', () => {
  /** Rotates once at each of these times, and returns the session. */
  function rotatedAt(...times: readonly number[]) {
    let session = sessionWith();
    for (const seconds of times) {
      const verdict = verdictOn(session.generation, seconds, { session });
      if (verdict.kind !== 'rotate') throw new Error(`The current token is ${verdict.kind}`);
      session = { ...session, ...verdict.changes };
    }
    return session;
  }

  it('get the current one within the grace period of their own rotation', () => {
    const session = rotatedAt(100, 101, 130);
    for (const generation of [0, 1, 2]) expect(verdictOn(generation, 160, { session })).toEqual({ kind: 'repeat' });
    expect(verdictOn(0, 160.001, { session })).toEqual({ kind: 'replayed' });
    expect(verdictOn(1, 161, { session })).toEqual({ kind: 'repeat' });
    expect(verdictOn(1, 161.001, { session })).toEqual({ kind: 'replayed' });
    expect(verdictOn(2, 190, { session })).toEqual({ kind: 'repeat' });
    expect(verdictOn(2, 190.001, { session })).toEqual({ kind: 'replayed' });
  });

  it('are remembered only as long as that, and at most fifty', () => {
    expect(rotatedAt(100, 101, 300, 301).recentRotations).toEqual([{ generation: 2, replacedAt: later(300) }]);
    expect(rotatedAt(100, 200, 300).recentRotations).toEqual([]);
    const many = rotatedAt(...Array.from({ length: 80 }, (_, n) => 100 + n / 10));
    expect(many.recentRotations).toHaveLength(50);
    expect(many.recentRotations?.at(-1)).toEqual({ generation: 78, replacedAt: later(107.8) });
  });
});

describe('for all sessions without attempts, tokens and times', () => {
  const cases = fc.record({
    current: fc.nat({ max: 1_000_000 }),
    behind: fc.integer({ min: -3, max: 1_000_000 }),
    seconds: fc.double({ min: -100, max: 200 * 86_400, noNaN: true }),
    graceSeconds: fc.nat({ max: 600 }),
    lifeSeconds: fc.integer({ min: 1, max: 180 * 86_400 }),
    epoch: fc.nat({ max: 2 }),
  });

  function judge({
    current,
    behind,
    seconds,
    graceSeconds,
    lifeSeconds,
    epoch,
  }: typeof cases extends fc.Arbitrary<infer T> ? T : never) {
    const session = sessionWith({
      generation: current,
      expiresAt: later(lifeSeconds),
      absoluteExpiresAt: later(180 * 86_400),
    });
    const user = buildUser({ tokenEpoch: epoch });
    const now = later(seconds);
    return {
      session,
      user,
      now,
      verdict: judgeRotation({ session, user }, { generation: current - behind }, { now, graceSeconds }),
    };
  }

  it('accepts only the last two generations, and only while the session is active', () => {
    fc.assert(
      fc.property(cases, (input) => {
        const { session, user, now, verdict } = judge(input);
        const isGood = verdict.kind === 'rotate' || verdict.kind === 'repeat';
        if (!isGood) return;
        expect(now < session.expiresAt && session.epoch === user.tokenEpoch).toBe(true);
        expect([0, 1]).toContain(input.behind);
      }),
    );
  });

  it('detects reuse in every token that is two or more generations old, and never in the current one', () => {
    fc.assert(
      fc.property(cases, (input) => {
        const { session, user, now, verdict } = judge(input);
        const alive = now < session.expiresAt && session.epoch === user.tokenEpoch;
        if (input.behind <= 0) expect(verdict.kind).not.toBe('replayed');
        if (alive && input.behind >= 2) expect(verdict.kind).toBe('replayed');
        if (!alive) expect(verdict.kind).toBe('ended');
      }),
    );
  });

  it('advances by one generation, after which the used token can be repeated at once', () => {
    fc.assert(
      fc.property(cases, (input) => {
        const { session, user, now, verdict } = judge({ ...input, behind: 0 });
        if (verdict.kind !== 'rotate') return;
        expect(verdict.changes.generation).toBe(session.generation + 1);
        expect(verdict.changes.expiresAt.getTime()).toBeLessThanOrEqual(session.absoluteExpiresAt.getTime());
        const rotated = { ...session, ...verdict.changes };
        if (now >= rotated.expiresAt) return;
        const used = { generation: session.generation };
        expect(judgeRotation({ session: rotated, user }, used, { now, graceSeconds: 0 })).toEqual({ kind: 'repeat' });
      }),
    );
  });

  /** Plays a client against the rule: each step sends the client's token, and may lose the reply. */
  function play(steps: readonly { readonly waitSeconds: number; readonly isLost: boolean }[]) {
    const user = buildUser();
    let session = sessionWith();
    let held = 0;
    let isRetry = false;
    let seconds = 0;
    return steps.map(({ waitSeconds, isLost }) => {
      // A retry follows within the grace period, anything else within a day.
      seconds += isRetry ? Math.min(waitSeconds, GRACE / 10) : waitSeconds;
      const verdict = judgeRotation(
        { session, user },
        { generation: held },
        { now: later(seconds), graceSeconds: GRACE },
      );
      if (verdict.kind === 'rotate') session = { ...session, ...verdict.changes };
      if (!isLost) held = session.generation;
      isRetry = isLost;
      return verdict.kind;
    });
  }

  it('never mistakes a client that loses up to ten replies in a row for a thief', () => {
    const step = fc.record({ waitSeconds: fc.nat({ max: 86_400 }), isLost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        // Ten retries take the whole grace period.
        const bounded = steps.map((each, at) => ({ ...each, isLost: each.isLost && at % 11 !== 10 }));
        for (const kind of play(bounded)) expect(['rotate', 'repeat']).toContain(kind);
      }),
    );
  });
});

describe('for all clients, thieves and networks', () => {
  /** A server with one session, and a clock. */
  function startServer() {
    const user = buildUser();
    let session = sessionWith();
    let isEnded = false;
    let seconds = 0;
    return {
      wait: (duration: number) => {
        seconds += duration;
      },
      current: () => session.generation,
      /** Whether the session is within its life, although it may have ended. */
      isYoung: () => later(seconds) < session.expiresAt,
      /** Presents a token. Returns the one that the answer contains, or null if it is refused. */
      refresh(generation: number, attempt: string | undefined): number | null {
        if (isEnded) return null;
        const attemptHash = attempt && `${generation} ${attempt}`;
        const verdict = judgeRotation(
          { session, user },
          { generation, attemptHash },
          { now: later(seconds), graceSeconds: GRACE },
        );
        if (verdict.kind === 'rotate') session = { ...session, ...verdict.changes };
        isEnded = verdict.kind === 'replayed';
        return verdict.kind === 'rotate' || verdict.kind === 'repeat' ? session.generation : null;
      },
    };
  }

  type Server = ReturnType<typeof startServer>;
  /** Where a refresh ends early: before it is sent, on its way, on its way back, or before the answer is stored. */
  type End = 'not sent' | 'request lost' | 'reply lost' | 'dies before it stores' | 'stored';

  /** An app that stores its token and an attempt before it sends them, and nothing else. */
  function startClient(server: Server) {
    let stored: { readonly token: number; readonly attempt: string | undefined } = { token: 0, attempt: undefined };
    let attempts = 0;
    return {
      token: () => stored.token,
      refresh(end: End): 'refused' | 'fine' {
        attempts += 1;
        stored = { ...stored, attempt: stored.attempt ?? `client ${attempts}` };
        if (end === 'not sent' || end === 'request lost') return 'fine';
        const token = server.refresh(stored.token, stored.attempt);
        if (token === null) return 'refused';
        if (end === 'stored') stored = { token, attempt: undefined };
        return 'fine';
      },
    };
  }

  const end = fc.constantFrom<End>('not sent', 'request lost', 'reply lost', 'dies before it stores', 'stored');

  it('a client that loses any replies, dies anywhere and retries never loses its session', () => {
    const step = fc.record({ end, waitSeconds: fc.oneof(fc.nat({ max: 120 }), fc.nat({ max: 29 * 86_400 })) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const server = startServer();
        const client = startClient(server);
        for (const { end, waitSeconds } of steps) {
          server.wait(waitSeconds);
          if (!server.isYoung()) return;
          expect(client.refresh(end)).toBe('fine');
        }
      }),
    );
  });

  it('requests of a client that cross each other are all answered with the current token', () => {
    const token = fc.nat({ max: 20 });
    fc.assert(
      fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
        const server = startServer();
        for (const [at, token] of tokens.entries()) {
          server.wait(1);
          const presented = Math.min(token, server.current());
          expect(server.refresh(presented, at % 2 === 0 ? `handler ${at}` : undefined)).toBe(server.current());
        }
      }),
    );
  });

  it('a thief of any one token gets nothing, or ends the session by the client’s next refresh', () => {
    const turn = fc.oneof(
      fc.record({ who: fc.constant('client' as const), end }),
      fc.record({
        who: fc.constant('thief' as const),
        token: fc.constantFrom('first', 'latest'),
        attempt: fc.constantFrom(undefined, 'thief', 'client 1'),
      }),
    );
    const theft = fc.record({ after: fc.nat({ max: 10 }), behind: fc.nat({ max: 3 }) });
    fc.assert(
      fc.property(theft, fc.array(turn, { minLength: 1, maxLength: 40 }), ({ after, behind }, turns) => {
        const server = startServer();
        const client = startClient(server);
        const held: number[] = [];
        let isThiefIn = false;
        for (const [at, turn] of turns.entries()) {
          // Nobody is ever within the grace period.
          server.wait(GRACE + 1);
          // Any token so far, also one that the client did not receive.
          if (at === after) held.push(Math.max(0, server.current() - behind));
          if (turn.who === 'client') {
            const isSent = turn.end !== 'not sent' && turn.end !== 'request lost';
            const outcome = client.refresh(turn.end);
            if (isThiefIn && isSent) expect(outcome).toBe('refused');
            continue;
          }
          const token = turn.token === 'first' ? held[0] : held.at(-1);
          if (token === undefined) continue;
          // The first attempt of the client is for its first token alone: any other must not be helped by it.
          const attempt = turn.attempt === 'client 1' && token === 0 ? undefined : turn.attempt;
          const got = server.refresh(token, attempt);
          if (got === null) continue;
          isThiefIn = true;
          held.push(got);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('a thief who copied the attempt too shares the successor, and is found when both go on', () => {
    for (const first of ['client', 'thief']) {
      const server = startServer();
      expect(server.refresh(0, 'client')).toBe(1);
      server.wait(3600);
      expect([server.refresh(0, 'client'), server.refresh(0, 'client')]).toEqual([1, 1]);
      server.wait(3600);
      expect(server.refresh(1, first)).toBe(2);
      server.wait(3600);
      expect(server.refresh(1, first === 'client' ? 'thief' : 'client')).toBeNull();
      expect(server.refresh(2, first)).toBeNull();
    }
  });
});
