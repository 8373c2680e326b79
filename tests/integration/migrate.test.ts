import { COLLECTIONS } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { useDatabase } from '../support/database/database.ts';

const database = useDatabase();

const DECLARED = Object.values(COLLECTIONS).flatMap(({ name, indexes }) =>
  indexes.map((index) => `${name}.${index.name}`),
);

beforeEach(() => database.db().dropDatabase());

describe('a migration', () => {
  it('creates every declared index, and nothing the second time', async () => {
    expect(await migrate(database.db())).toEqual({ created: DECLARED, undeclared: [] });
    expect(await migrate(database.db())).toEqual({ created: [], undeclared: [] });
  });

  it('may run twice at the same time', async () => {
    await Promise.all([migrate(database.db()), migrate(database.db())]);
    expect(await migrate(database.db())).toEqual({ created: [], undeclared: [] });
  });

  it('creates what is missing and leaves undeclared objects alone', async () => {
    await migrate(database.db());
    await database.db().collection('courses').dropIndex('keys_title');
    await database.db().collection('lessons').createIndex({ title: 1 }, { name: 'by_hand' });
    expect(await migrate(database.db())).toEqual({ created: ['courses.keys_title'], undeclared: ['lessons.by_hand'] });
    const names = (await database.db().collection('lessons').indexes()).map(({ name }) => name);
    expect(names).toContain('by_hand');
  });

  it('refuses an index that has a declared name but other keys', async () => {
    await database.db().collection('courses').createIndex({ title: 1 }, { name: 'keys_title' });
    await expect(migrate(database.db())).rejects.toThrow(/keys_title/);
  });
});
