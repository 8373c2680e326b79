import { closeDatabase, query } from '../../shared/db/client.ts';
import { rawDatabase } from '../../shared/db/database.ts';
import { Problem } from '../../shared/http/problem.ts';
import { useDatabase } from '../support/mongod.ts';

const database = useDatabase();

beforeAll(async () => {
  process.env['MONGODB_URI'] = database.uri();
  await database.db().collection('things').insertOne({ name: 'one' });
});
afterAll(() => closeDatabase());

describe('the database', () => {
  it('is unavailable when it takes longer than a command may', async () => {
    // As on a machine that is busy with other things: the server itself gives up.
    const slowly = query((db) =>
      rawDatabase(db).collection('things').find({ $where: 'sleep(1000) || true' }, { maxTimeMS: 10 }).toArray(),
    );
    const failure = await slowly.catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Problem);
    expect(failure).toMatchObject({ code: 'unavailable', options: { cause: { codeName: 'MaxTimeMSExpired' } } });
  });

  it('is not when the fault is ours', async () => {
    const failure = await query((db) => rawDatabase(db).command({ noSuchCommand: 1 })).catch((error: unknown) => error);
    expect(failure).not.toBeInstanceOf(Problem);
  });
});
