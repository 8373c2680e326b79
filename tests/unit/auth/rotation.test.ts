import fc from 'fast-check';
import { judgeRotation } from '../../../functions/auth/session/refresh-rotation.ts';
import { buildSession, buildUser } from '../../support/builders/account.ts';

const BEGIN = new Date('2026-11-02T09:30:00.000Z');
const GRACE = 60;
const DAY_MS = 86_400_000;

const later = (seconds: number) => new Date(BEGIN.getTime() + seconds * 1000);

/** A session that starts at BEGIN. */
const sessionWith = (overrides: Parameters<typeof buildSession>[0] = {}) =>
  buildSession({ createdAt: BEGIN, ...overrides });

function verdictOn(
  generation: number,
  seconds: number,
  { session = sessionWith({ generation: 7 }), user = buildUser(), graceSeconds = GRACE } = {},
) {
  return judgeRotation({ session, user }, generation, { now: later(seconds), graceSeconds });
}

describe('a refresh token', () => {
  it('rotates to the next generation when it is current', () => {
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
    ['the previous one, while its reply may still be in transit', 'repeat', 6, 0],
    ['the previous one, at the end of the grace period', 'repeat', 6, 60],
    ['the previous one, after the grace period', 'replayed', 6, 60.001],
    ['the previous one, by a clock that is slightly behind', 'repeat', 6, -5],
    ['older than the previous one, at any time', 'replayed', 5, 0],
    ['the first one', 'replayed', 0, 0],
    ['one that was not issued yet', 'over', 8, 0],
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
      for (const generation of [7, 6, 0]) expect(verdictOn(generation, 10, state)).toEqual({ kind: 'over' });
    }
  });

  it('never extends a session beyond its absolute end', () => {
    const absoluteExpiresAt = later(86_400);
    const verdict = verdictOn(7, 300, { session: sessionWith({ generation: 7, absoluteExpiresAt }) });
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
    const session = sessionWith({
      generation: current,
      expiresAt: later(lifeSeconds),
      absoluteExpiresAt: later(180 * 86_400),
    });
    const user = buildUser({ tokenEpoch: epoch });
    const now = later(seconds);
    return { session, user, now, verdict: judgeRotation({ session, user }, current - behind, { now, graceSeconds }) };
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
        if (!alive) expect(verdict.kind).toBe('over');
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
        expect(judgeRotation({ session: rotated, user }, session.generation, { now, graceSeconds: 0 })).toEqual({
          kind: 'repeat',
        });
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
      const verdict = judgeRotation({ session, user }, held, { now: later(seconds), graceSeconds: GRACE });
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
