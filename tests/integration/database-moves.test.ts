import { rawDatabase } from '../../shared/db/database.ts';
import { useParameterStore } from '../support/aws/parameter-store.ts';
import { useDatabase } from '../support/database/database.ts';
import { useClock } from '../support/jest/clock.ts';

const PARAMETER = '/lectern/dev/mongodb-uri';
/** Nobody listens there. */
const NOWHERE = 'mongodb://127.0.0.1:1/lectern';

const clock = useClock();
const { parameters } = useParameterStore();
const [former, restored] = [useDatabase(), useDatabase()];

beforeAll(async () => {
  process.env['MONGODB_URI_PARAMETER'] = PARAMETER;
  await former.db().collection('things').insertOne({ name: 'former' });
  await restored.db().collection('things').insertOne({ name: 'restored' });
});

/** A container that has just started. */
let client: typeof import('../../shared/db/client.ts');
beforeEach(async () => {
  jest.resetModules();
  client = await import('../../shared/db/client.ts');
});
afterEach(() => client.closeDatabase());

function pointTo(uri: string): void {
  parameters.set(PARAMETER, { Name: PARAMETER, Type: 'SecureString', Value: uri, LastModifiedDate: 0 });
}

const read = () => client.query(async (db) => (await rawDatabase(db).collection('things').findOne())?.['name']);

describe('a container whose connection string is replaced', () => {
  it('uses the other database within five minutes, without a failed request', async () => {
    pointTo(former.uri());
    expect(await read()).toBe('former');
    pointTo(restored.uri());
    clock.advance(299);
    expect(await read()).toBe('former');
    clock.advance(1);
    expect(await Promise.all([read(), read(), read()])).toEqual(['restored', 'restored', 'restored']);
    clock.advance(3600);
    expect(await read()).toBe('restored');
  });

  it('also leaves a database that it cannot reach', async () => {
    pointTo(NOWHERE);
    await expect(read()).rejects.toMatchObject({ code: 'unavailable' });
    pointTo(restored.uri());
    clock.advance(300);
    expect(await read()).toBe('restored');
  });

  it('fails while it cannot reach the new one, and recovers once the string is right', async () => {
    pointTo(restored.uri());
    expect(await read()).toBe('restored');
    pointTo(NOWHERE);
    clock.advance(300);
    await expect(read()).rejects.toMatchObject({ code: 'unavailable' });
    pointTo(restored.uri());
    clock.advance(300);
    expect(await read()).toBe('restored');
  });
});
