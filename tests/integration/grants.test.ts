import { beginAccess, endAccess } from '../../shared/access/grant-repository.ts';
import { closeDatabase } from '../../shared/db/client.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { eraseOwned } from '../../shared/db/ownership.ts';
import { transaction } from '../../shared/db/transaction.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { buildUser } from '../support/builders/account.ts';
import { useDatabase } from '../support/database/database.ts';

const database = useDatabase();
const grants = () => unscopedCollection(database.db(), COLLECTIONS.grants);
const users = () => unscopedCollection(database.db(), COLLECTIONS.users);

const ADA = { userId: 'ada', courseId: 'closed' };
const day = (number: number) => new Date(Date.UTC(2026, 0, number));

/** The periods in which Ada has access, in days of January, the current one last. */
const periods = async () => {
  const grant = await grants().findOne({ _id: 'closed/ada' });
  const current = [grant?.createdAt, grant?.expiresAt];
  const all = [...(grant?.earlier ?? []).map(({ from, until }) => [from, until]), current];
  return all.map((times) => times.map((time) => time?.getUTCDate() ?? null));
};

const begin = (from: number, until: number | null) =>
  beginAccess(ADA, { from: day(from), until: until === null ? null : day(until) });

beforeAll(async () => {
  process.env['MONGODB_URI'] = database.uri();
  await migrate(database.db());
});
beforeEach(async () => {
  await Promise.all([grants().deleteMany({}), users().deleteMany({})]);
  await users().insertOne(buildUser({ _id: 'ada' }));
});
afterAll(() => closeDatabase());

describe('access', () => {
  it.each<[string, (readonly [number, number | null])[], (number | null)[][]]>([
    ['begins with a first period', [[3, 5]], [[3, 5]]],
    ['begins without an end', [[3, null]], [[3, null]]],
    [
      'that has ended is kept beside a new period',
      [
        [3, 5],
        [8, 10],
      ],
      [
        [3, 5],
        [8, 10],
      ],
    ],
    [
      'that has ended twice is kept twice',
      [
        [3, 5],
        [8, 10],
        [12, null],
      ],
      [
        [3, 5],
        [8, 10],
        [12, null],
      ],
    ],
    [
      'that still holds is extended',
      [
        [3, 5],
        [4, 10],
      ],
      [[3, 10]],
    ],
    [
      'that ends as the next one begins is extended',
      [
        [3, 5],
        [5, 10],
      ],
      [[3, 10]],
    ],
    [
      'that a late payment continues has no gap',
      [
        [3, 5],
        [4, 20],
      ],
      [[3, 20]],
    ],
    [
      'that lasts longer already keeps its end',
      [
        [3, 20],
        [4, 10],
      ],
      [[3, 20]],
    ],
    [
      'without an end keeps none',
      [
        [3, null],
        [8, 10],
      ],
      [[3, null]],
    ],
    [
      'loses its end',
      [
        [3, 5],
        [4, null],
      ],
      [[3, null]],
    ],
    [
      'that is given from an earlier time begins earlier',
      [
        [3, 5],
        [1, 5],
      ],
      [[1, 5]],
    ],
  ])('%s', async (_, given, expected) => {
    for (const [from, until] of given) expect(await begin(from, until)).toBe(true);
    expect(await periods()).toEqual(expected);
    expect(await grants().findOne()).toMatchObject({ _id: 'closed/ada', ...ADA });
  });

  it.each<[string, number | null, number]>([
    ['without an end ends when it is taken away', null, 6],
    ['with an end ends when it is taken away before', 10, 6],
    ['that has ended keeps its end when it is taken away', 5, 5],
  ])('%s', async (_, until, expected) => {
    await begin(3, until);
    await endAccess(ADA, day(6));
    await endAccess(ADA, day(7));
    expect(await periods()).toEqual([[3, expected]]);
  });

  it('that was never given cannot be taken away', async () => {
    await endAccess(ADA, day(6));
    expect(await grants().countDocuments()).toBe(0);
  });

  it('that begins twice at the same moment is one grant', async () => {
    await Promise.all(Array.from({ length: 8 }, () => begin(3, 5)));
    expect(await periods()).toEqual([[3, 5]]);
  });

  it('is not given to an account that does not exist, or that is erased at the same moment', async () => {
    expect(await beginAccess({ userId: 'nobody', courseId: 'closed' }, { from: day(1), until: null })).toBe(false);
    await Promise.all([transaction((db, session) => eraseOwned(db, session, 'ada')), begin(3, null)]);
    expect(await grants().countDocuments()).toBe(0);
  });
});
