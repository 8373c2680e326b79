import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { bundleFunction } from '../../tools/build/bundle.ts';
import { useAwsStandIn } from '../support/aws/stand-in.ts';
import { buildCourseSource } from '../support/builders/course-source.ts';
import { useDatabase } from '../support/database/database.ts';
import { apiEvent } from '../support/functions/api-event.ts';
import { type Container, startContainer } from '../support/functions/container.ts';
import { SECRETS } from '../support/keys/secrets.ts';
import { type DatabaseLine, openDatabaseLine } from '../support/system/database-line.ts';

/*
 * What a bundle does in its init phase, in a process of its own. The database is behind a line that can refuse and end
 * connections, and Parameter Store is a stand-in.
 */

jest.setTimeout(60_000);

const root = path.resolve(import.meta.dirname, '../..');
const database = useDatabase();

/** What Parameter Store does, and how often it was asked. */
let store: 'answers' | 'refuses' | 'is silent';
let calls: number;

useAwsStandIn('AWS_ENDPOINT_URL_SSM', ({ headers, body }) => {
  calls += 1;
  expect(headers['x-amz-security-token']).toBe('a session token');
  if (store === 'is silent') return null;
  if (store === 'refuses') return { status: 400, body: { __type: 'AccessDeniedException', message: 'no' } };
  const { Names } = body as { readonly Names: readonly string[] };
  const value = (name: string) => (name === '/lectern/uri' ? uri() : SECRETS.CURSOR_KEY);
  return { body: { Parameters: Names.map((Name) => ({ Name, Value: value(Name) })), InvalidParameters: [] } };
});

let outDir: string;
let directory: string;
let line: DatabaseLine;
const uri = () => `mongodb://127.0.0.1:${line.port}${new URL(database.uri()).pathname}?directConnection=true`;

beforeAll(async () => {
  outDir = await mkdtemp(path.join(os.tmpdir(), 'lectern-preparation-'));
  ({ directory } = await bundleFunction('courses', { root, outDir }));
  await publishCourse(database.db(), buildCourseSource());
});
afterAll(() => rm(outDir, { recursive: true }));

let container: Container | undefined;
beforeEach(async () => {
  store = 'answers';
  calls = 0;
  line = await openDatabaseLine();
  line.leadTo(Number(new URL(database.uri()).port));
});
afterEach(async () => {
  await container?.end();
  container = undefined;
  await line.close();
});

async function start(): Promise<Container> {
  container = await startContainer(directory, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: 'a session token',
    AWS_ENDPOINT_URL_SSM: process.env['AWS_ENDPOINT_URL_SSM'],
    MONGODB_URI_PARAMETER: '/lectern/uri',
    CURSOR_KEY_PARAMETER: '/lectern/cursor-key',
    MEDIA_BASE_URL: 'https://media.example.com',
  });
  return container;
}

const request = () => apiEvent('GET /courses/{courseId}', { path: { courseId: buildCourseSource().id } });
const answered = { statusCode: 200 };
/** Cached routes throw, so that API Gateway caches no failure. */
const failed = 'unavailable';

describe('a container', () => {
  it('has read its secrets when its init phase ends, and does not read them again for the first request', async () => {
    const started = await start();
    expect(calls).toBe(1);
    expect(await started.invoke(request())).toMatchObject(answered);
    expect(calls).toBe(1);
  });

  it('starts while the database is away, fails meanwhile, and answers once it is back', async () => {
    await line.refuse();
    const started = await start();
    expect(await started.invoke(request())).toBe(failed);
    await line.accept();
    expect(await started.invoke(request())).toMatchObject(answered);
  });

  it('answers its first request if the database came back after its init phase', async () => {
    await line.refuse();
    const started = await start();
    await line.accept();
    expect(await started.invoke(request())).toMatchObject(answered);
  });

  it.each(['refuses', 'is silent'] as const)(
    'starts while Parameter Store %s, fails meanwhile, and answers once it is back',
    async (failure) => {
      store = failure;
      const started = await start();
      expect(await started.invoke(request())).toBe(failed);
      store = 'answers';
      expect(await started.invoke(request())).toMatchObject(answered);
    },
  );

  it('answers its first request if Parameter Store came back after its init phase', async () => {
    store = 'is silent';
    const started = await start();
    started.freeze();
    store = 'answers';
    started.thaw();
    expect(await started.invoke(request())).toMatchObject(answered);
  });

  it('answers after it was frozen while the database ended its connections', async () => {
    const started = await start();
    expect(await started.invoke(request())).toMatchObject(answered);
    started.freeze();
    await line.refuse();
    await line.accept();
    started.thaw();
    expect(await started.invoke(request())).toMatchObject(answered);
  });

  it('answers after it was frozen between its init phase and its first request', async () => {
    const started = await start();
    started.freeze();
    await line.refuse();
    await line.accept();
    started.thaw();
    expect(await started.invoke(request())).toMatchObject(answered);
  });

  it('logs no secret and no address of the database when it cannot prepare', async () => {
    await line.refuse();
    const started = await start();
    await started.invoke(request());
    store = 'refuses';
    const output = await started.end();
    expect(output).toContain('"code":"unavailable"');
    expect(output).not.toContain(SECRETS.CURSOR_KEY);
    expect(output).not.toContain('mongodb://');
  });
});
