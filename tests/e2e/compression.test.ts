import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readTemplate } from '../../tools/template/read-template.ts';
import { exchange } from '../sam/sides/exchange.ts';
import { registerLearner } from '../support/system/client.ts';
import { useSystem } from '../support/system/system.ts';

/* What API Gateway documents about compression, for the API of template.yaml. */

const { system } = useSystem();

const CATALOG = '/courses';
const LONG_LESSON = '/courses/writing-that-teaches/previews/questions-that-teach';

async function get(target: string, headers: Readonly<Record<string, string>> = {}, method = 'GET') {
  const answer = await exchange(system().apiUrl, { method, target, headers, body: null });
  const header = (name: string) => answer.headers.find(([given]) => given.toLowerCase() === name)?.[1];
  return { ...answer, header };
}

const GZIP = { 'Accept-Encoding': 'gzip' };

describe('the API', () => {
  it('compresses answers from 1 KB on', () => {
    const { minimumCompressionBytes } = readTemplate(path.resolve(import.meta.dirname, '../../template.yaml'));
    expect(minimumCompressionBytes).toBe(1024);
  });

  it.each([CATALOG, LONG_LESSON])('sends %s compressed to clients that ask, with the same text', async (target) => {
    const plain = await get(target);
    const gzip = await get(target, GZIP);
    expect([plain.header('content-encoding'), gzip.header('content-encoding')]).toEqual([undefined, 'gzip']);
    expect(gunzipSync(gzip.body).toString()).toBe(plain.body.toString());
    expect(gzip.header('content-length')).toBe(String(gzip.body.length));
    expect(gzip.body.length).toBeLessThan(plain.body.length / 2);
  });

  it('answers each client in its own coding from the stage cache', async () => {
    const target = '/courses/listening-to-the-world';
    const answers = [await get(target, GZIP), await get(target), await get(target, GZIP)];
    expect(answers.map(({ header }) => header('x-cache'))).toEqual(['miss', 'hit', 'hit']);
    expect(answers.map(({ header }) => header('content-encoding'))).toEqual(['gzip', undefined, 'gzip']);
  });

  it('tells caches that they may not give one client the answer to another', async () => {
    expect((await get(CATALOG)).header('vary')).toBe('Accept-Encoding');
    expect((await get(CATALOG, GZIP)).header('vary')).toBe('Accept-Encoding');
  });

  it('does not compress short answers and problems', async () => {
    expect((await get('/.well-known/jwks.json', GZIP)).header('content-encoding')).toBeUndefined();
    expect((await get('/courses/no-such-course', GZIP)).header('content-encoding')).toBeUndefined();
  });

  it('answers HEAD and conditional requests for a compressed feed as for GET', async () => {
    const learner = await registerLearner(system().apiUrl, 'listener@example.com');
    const { body } = await learner.request('POST', '/courses/listening-to-the-world/feed');
    const target = new URL(body.url).pathname.replace('/v1', '');
    const feed = await get(target, GZIP);
    const head = await get(target, GZIP, 'HEAD');
    const named = ['content-encoding', 'content-length', 'etag'] as const;
    expect(named.map(head.header)).toEqual(named.map(feed.header));
    expect(head.body.length).toBe(0);
    const etag = feed.header('etag') ?? '';
    expect((await get(target)).header('etag')).toBe(etag);
    const notModified = await get(target, { ...GZIP, 'If-None-Match': etag });
    expect([notModified.status, notModified.header('content-encoding')]).toEqual([304, undefined]);
  });
});
