import { useOwnDatabase } from '../support/system/own-database.ts';
import { useSystemOn } from '../support/system/system.ts';

const { send, database } = useSystemOn(useOwnDatabase);
const get = (route: string) => send('GET', route);

it('answers from the cache while the database is down, `unavailable` otherwise, and recovers without a restart', async () => {
  const cached = '/courses/writing-that-teaches';
  const uncached = [
    '/courses',
    '/courses?q=sound',
    '/courses/listening-to-the-world',
    '/courses/writing-that-teaches/previews/one-lesson-one-promise',
  ];
  expect(await get(cached)).toMatchObject({ status: 200, headers: { 'x-cache': 'miss' } });

  await database.stop();

  for (const answer of await Promise.all(uncached.map(get))) {
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'content-type': 'application/problem+json', 'retry-after': '2' },
      body: { code: 'unavailable', type: 'urn:lectern:problem:unavailable', requestId: expect.any(String) },
    });
    expect(answer.headers).not.toHaveProperty('x-cache');
  }
  expect(await get(cached)).toMatchObject({ status: 200, headers: { 'x-cache': 'hit' } });

  await database.start();

  // No failure was cached: the first answers after the outage are cache misses, and succeed.
  for (const route of uncached) expect(await get(route)).toMatchObject({ status: 200, headers: { 'x-cache': 'miss' } });
}, 60_000);
