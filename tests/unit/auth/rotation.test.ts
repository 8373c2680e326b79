import fc from 'fast-check';
import { judgeRotation } from '../../../functions/auth/session/refresh-rotation.ts';
import { BEGIN, buildSession, buildUser } from '../../support/builders/account.ts';

const GRACE = 60;
const DAY_MS = 86_400_000;

const later = (seconds: number) => new Date(BEGIN.getTime() + seconds * 1000);

function verdictOn(
  generation: number,
  seconds: number,
  { session = buildSession({ generation: 7 }), user = buildUser(), graceSeconds = GRACE } = {},
) {
  return judgeRotation({ session, user }, generation, { now: later(seconds), graceSeconds });
}

describe('a refresh token', () => {
  it('that is the current one goes on to the next generation', () => {
    expect(verdictOn(7, 300)).toEqual({
      kind: 'rotate',
      changes: {
        generation: 8,
        rotatedAt: later(300),
        lastUsedAt: later(300),
        expiresAt: new Date(later(300).getTime() + 30 * DAY_MS),
      },
    });
  });

  it.each([
    ['the parent, while its reply may still be on its way', 6, 0, 'repeat'],
    ['the parent, at the end of the grace period', 6, 60, 'repeat'],
    ['the parent, after the grace period', 6, 60.001, 'replayed'],
    ['the parent, by a clock that is a little behind', 6, -5, 'repeat'],
    ['older than the parent, however soon', 5, 0, 'replayed'],
    ['the first of all', 0, 0, 'replayed'],
    ['one that is yet to come', 8, 0, 'over'],
  ])('that is %s', (_, generation, seconds, kind) => {
    expect(verdictOn(generation, seconds)).toMatchObject({ kind });
  });

  it('has no grace where the setting is 0 and time has passed', () => {
    expect(verdictOn(6, 0.001, { graceSeconds: 0 })).toEqual({ kind: 'replayed' });
  });

  it('of a session that is over gets nothing, and nothing is revoked by it', () => {
    const ended = [
      { session: buildSession({ generation: 7, expiresAt: later(10) }) },
      { session: buildSession({ generation: 7 }), user: buildUser({ tokenEpoch: 1 }) },
      { session: buildSession({ generation: 7 }), user: buildUser({ _id: 'somebody-else' }) },
    ];
    for (const state of ended) {
      for (const generation of [7, 6, 0]) expect(verdictOn(generation, 10, state)).toEqual({ kind: 'over' });
    }
  });

  it('never lets a session live on past its absolute end', () => {
    const absoluteExpiresAt = later(86_400);
    const verdict = verdictOn(7, 300, { session: buildSession({ generation: 7, absoluteExpiresAt }) });
    expect(verdict).toMatchObject({ changes: { expiresAt: absoluteExpiresAt } });
  });
});

describe('for all sessions, tokens and times', () => {
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
    const session = buildSession({
      generation: current,
      expiresAt: later(lifeSeconds),
      absoluteExpiresAt: later(180 * 86_400),
    });
    const user = buildUser({ tokenEpoch: epoch });
    const now = later(seconds);
    return { session, user, now, verdict: judgeRotation({ session, user }, current - behind, { now, graceSeconds }) };
  }

  it('a token is worth something only while the session is alive, and only the last two generations are', () => {
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

  it('theft is never seen in the current token, and always in one that is two or more behind', () => {
    fc.assert(
      fc.property(cases, (input) => {
        const { session, user, now, verdict } = judge(input);
        const alive = now < session.expiresAt && session.epoch === user.tokenEpoch;
        if (input.behind <= 0) expect(verdict.kind).not.toBe('replayed');
        if (alive && input.behind >= 2) expect(verdict.kind).toBe('replayed');
        if (!alive) expect(verdict.kind).toBe('over');
      }),
    );
  });

  it('a rotation goes one generation on, and the token it was for is then the parent, good for a repeat at once', () => {
    fc.assert(
      fc.property(cases, (input) => {
        const { session, user, now, verdict } = judge({ ...input, behind: 0 });
        if (verdict.kind !== 'rotate') return;
        expect(verdict.changes.generation).toBe(session.generation + 1);
        expect(verdict.changes.expiresAt.getTime()).toBeLessThanOrEqual(session.absoluteExpiresAt.getTime());
        const rotated = { ...session, ...verdict.changes };
        if (now >= rotated.expiresAt) return;
        expect(judgeRotation({ session: rotated, user }, session.generation, { now, graceSeconds: 0 })).toEqual({
          kind: 'repeat',
        });
      }),
    );
  });

  /** Plays a client against the server's rule: each step sends the token it holds, and may lose the reply. */
  function play(steps: readonly { readonly waitSeconds: number; readonly isLost: boolean }[]) {
    const user = buildUser();
    let session = buildSession();
    let held = 0;
    let isRetry = false;
    let seconds = 0;
    return steps.map(({ waitSeconds, isLost }) => {
      // It retries within the grace period, and comes again within days otherwise.
      seconds += isRetry ? Math.min(waitSeconds, GRACE / 10) : waitSeconds;
      const verdict = judgeRotation({ session, user }, held, { now: later(seconds), graceSeconds: GRACE });
      if (verdict.kind === 'rotate') session = { ...session, ...verdict.changes };
      if (!isLost) held = session.generation;
      isRetry = isLost;
      return verdict.kind;
    });
  }

  it('a client that loses replies, up to ten in a row, and sends its token again is never taken for a thief', () => {
    const step = fc.record({ waitSeconds: fc.nat({ max: 86_400 }), isLost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        // Ten retries of a tenth of the grace period each are its end.
        const bounded = steps.map((each, at) => ({ ...each, isLost: each.isLost && at % 11 !== 10 }));
        for (const kind of play(bounded)) expect(['rotate', 'repeat']).toContain(kind);
      }),
    );
  });
});
