import type { CallerRow } from '../../../shared/access/caller-repository.ts';
import { type Access, canRead, type Grant } from '../../../shared/access/can-read.ts';
import { accessAt, type CourseAccessHistory, type GrantHistory, grantAt } from '../../../shared/access/past-access.ts';
import { isSignedIn } from '../../../shared/access/require-caller.ts';

const NOW = new Date('2026-04-09T12:00:00Z');
const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);

const READERS = {
  nobody: null,
  'a learner': { roles: ['learner'] },
  'an author': { roles: ['learner', 'author'] },
  'an admin': { roles: ['learner', 'admin'] },
} as const;

const GRANTS = {
  'no grant': null,
  'a grant without an end': { expiresAt: null },
  'a grant that still holds': { expiresAt: later(1) },
  'a grant that ends now': { expiresAt: NOW },
  'a grant that has ended': { expiresAt: later(-1) },
} as const satisfies Record<string, Grant | null>;

const IN_FORCE: readonly string[] = ['a grant without an end', 'a grant that still holds'];

/** All rules as a table: who may read. */
const EXPECTED: Record<Access, (reader: keyof typeof READERS, grant: keyof typeof GRANTS) => boolean> = {
  public: () => true,
  members: (reader) => reader !== 'nobody',
  restricted: (reader, grant) => reader === 'an admin' || (reader !== 'nobody' && IN_FORCE.includes(grant)),
};

const COMBINATIONS = (Object.keys(EXPECTED) as Access[]).flatMap((access) =>
  (Object.keys(READERS) as (keyof typeof READERS)[]).flatMap((reader) =>
    (Object.keys(GRANTS) as (keyof typeof GRANTS)[]).map((grant) => {
      const allowed = EXPECTED[access](reader, grant);
      return [access, allowed ? 'can' : 'cannot', reader, grant, allowed] as const;
    }),
  ),
);

describe('the lessons of a course', () => {
  it.each(COMBINATIONS)('(access: %s) %s be read by %s with %s', (access, _, reader, grant, allowed) => {
    expect(canRead(access, READERS[reader], GRANTS[grant], NOW)).toBe(allowed);
  });
});

describe('who could read a course', () => {
  const CHANGED: CourseAccessHistory = {
    access: 'restricted',
    earlierAccess: [
      { access: 'public', until: later(-20) },
      { access: null, until: later(-10) },
    ],
  };

  it.each<[string, CourseAccessHistory, number, Access | null]>([
    ['is what holds now if it never changed', { access: 'members' }, -1000, 'members'],
    ['is nobody if it never changed and the course is not published', { access: null }, -1000, null],
    ['is what is known first, at any time before', CHANGED, -1000, 'public'],
    ['is what held until a change', CHANGED, -21, 'public'],
    ['is what a change made it, from that moment', CHANGED, -20, null],
    ['is nobody while the course was withdrawn', CHANGED, -11, null],
    ['is what holds now, since the last change', CHANGED, -10, 'restricted'],
    ['is what holds now, now', CHANGED, 0, 'restricted'],
  ])('%s', (_, course, milliseconds, expected) => {
    expect(accessAt(course, later(milliseconds))).toBe(expected);
  });
});

describe('a grant', () => {
  const [from, until] = [later(-40), later(-30)];
  const ENDED: GrantHistory = { createdAt: later(-20), expiresAt: later(-10), earlier: [{ from, until }] };
  const OPEN: GrantHistory = { createdAt: later(-20), expiresAt: null };

  it.each<[string, GrantHistory, number, boolean]>([
    ['was not in force before it began', ENDED, -41, false],
    ['was in force from the beginning of an earlier period', ENDED, -40, true],
    ['was in force until the end of an earlier period', ENDED, -31, true],
    ['was not in force from that end', ENDED, -30, false],
    ['was not in force until the current period began', ENDED, -21, false],
    ['was in force from the beginning of the current period', ENDED, -20, true],
    ['was in force until the current period ended', ENDED, -11, true],
    ['is not in force from that end', ENDED, -10, false],
    ['without an end is in force', OPEN, 0, true],
    ['without an end was not in force before it began', OPEN, -21, false],
  ])('%s', (_, grant, milliseconds, expected) => {
    const at = later(milliseconds);
    expect(canRead('restricted', { roles: ['learner'] }, grantAt(grant, at), at)).toBe(expected);
  });
});

describe('a caller is signed in', () => {
  const row: Pick<CallerRow, 'session' | 'account'> = {
    session: { expiresAt: later(1), epoch: 3 },
    account: { tokenEpoch: 3, roles: ['learner'] },
  };

  it.each<[string, boolean, typeof row | null, number]>([
    ['while the session lasts', true, row, 3],
    ['not without a session or an account', false, null, 3],
    ['not once the session has ended', false, { ...row, session: { expiresAt: NOW, epoch: 3 } }, 3],
    ['not with a token of an older epoch', false, row, 2],
    ['not with a token of a later epoch', false, row, 4],
    ['not in a session of an older epoch', false, { ...row, session: { expiresAt: later(1), epoch: 2 } }, 3],
    ['not once the account has ended all sessions', false, { ...row, account: { tokenEpoch: 4, roles: [] } }, 3],
  ])('%s', (_, expected, found, ep) => {
    expect(isSignedIn(found, { epoch: ep }, NOW)).toBe(expected);
  });
});
