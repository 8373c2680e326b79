import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { registerLearner } from '../support/system/client.ts';
import { useSystemOn } from '../support/system/system.ts';

const reported: string[] = [];
const { system, send, dataDir } = useSystemOn(() => ({ uri: () => undefined }), {
  report: (message) => reported.push(message),
});

it('starts a killed database again, says so, and serves its data without a restart of the system', async () => {
  const learner = await registerLearner(system().apiUrl, 'ada@example.com');
  const pid = Number.parseInt(await readFile(path.join(dataDir(), 'mongo/db/mongod.lock'), 'utf8'), 10);
  process.kill(pid, 'SIGKILL');

  const statuses = new Set<number>();
  while (!reported.includes('The database runs again.')) {
    statuses.add((await learner.request('GET', '/auth/me')).status);
    await wait(20);
  }
  expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(reported).toContain('The database stopped (SIGKILL). Starting it again …');
  while ((await learner.request('GET', '/auth/me')).status === 503) await wait(20);

  expect(await learner.request('GET', '/auth/me')).toMatchObject({ status: 200, body: { email: 'ada@example.com' } });
  const { email, password } = learner;
  expect(await send('POST', '/auth/login', { body: { email, password } })).toMatchObject({ status: 200 });
}, 60_000);
