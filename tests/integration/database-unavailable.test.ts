import { closeDatabase, query } from '../../shared/db/client.ts';
import { rawDatabase } from '../../shared/db/database.ts';
import { Problem } from '../../shared/http/problem.ts';
import { useDatabase } from '../support/database/database.ts';

const database = useDatabase();

beforeAll(async () => {
  process.env['MONGODB_URI'] = database.uri();
  await database.db().collection('things').insertOne({ name: 'one' });
});
afterAll(() => closeDatabase());

describe('the database', () => {
  it('is unavailable when a command times out', async () => {
    // As on a busy machine: the server itself aborts the command.
    const slowly = query((db) =>
      rawDatabase(db).collection('things').find({ $where: 'sleep(1000) || true' }, { maxTimeMS: 10 }).toArray(),
    );
    const failure = await slowly.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Problem);
    expect(failure).toMatchObject({ code: 'unavailable', options: { cause: { codeName: 'MaxTimeMSExpired' } } });
  });

  it('is not unavailable when a command is invalid', async () => {
    const failure = await query((db) => rawDatabase(db).command({ noSuchCommand: 1 })).catch((error: unknown) => error);
    expect(failure).not.toBeInstanceOf(Problem);
  });
});
