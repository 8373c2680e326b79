import { createPublicKey, verify } from 'node:crypto';
import path from 'node:path';
import { contract as mediaUrlContract } from '../../functions/media-url/contract.ts';
import { contract as podcastContract } from '../../functions/podcast/contract.ts';
import { publishCourse } from '../../publishing/publish/publish.ts';
import { COLLECTIONS } from '../../shared/db/collections.ts';
import { migrate } from '../../shared/db/migrate.ts';
import { unscopedCollection } from '../../shared/db/unscoped.ts';
import { functionNamed } from '../../tools/template/model.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { buildSession, buildUser } from '../support/builders/account.ts';
import { buildCourseSource, buildRecording } from '../support/builders/course-source.ts';
import { useDatabase } from '../support/database/database.ts';
import { callerOf } from '../support/functions/call.ts';
import { useClock } from '../support/jest/clock.ts';
import { buildToken, useAccessTokens } from '../support/keys/access-tokens.ts';
import { useKeysCommand } from '../support/keys/keys-command.ts';
import { createMediaStack, type MediaStack } from '../support/keys/media-stack.ts';

const MONGODB_URI = '/lectern/dev/mongodb-uri';

const database = useDatabase();
const clock = useClock();
const { store, keys } = useKeysCommand();

/**
 * What every version of the functions has in its environment: what the template gave it when it was published, and never
 * anything else.
 */
function freezeEnvironment(): void {
  const template = readTemplate(path.resolve(import.meta.dirname, '../../template.yaml'));
  for (const name of ['media-url', 'podcast']) Object.assign(process.env, functionNamed(template, name).environment);
  // The test's own tokens.
  useAccessTokens();
}

/** A container of each function that signs, with its own modules, and so its own keys and database client. */
async function startContainer() {
  jest.resetModules();
  const mediaUrl = await import('../../functions/media-url/handler.ts');
  const podcast = await import('../../functions/podcast/handler.ts');
  const { closeDatabase } = await import('../../shared/db/client.ts');
  const grant = callerOf(mediaUrl.handler, mediaUrlContract);
  const feed = callerOf(podcast.handler, podcastContract);
  return {
    stop: closeDatabase,
    openFeed: async () => {
      const headers = { Authorization: `Bearer ${buildToken()}` };
      const { status, body } = await feed('POST /courses/{courseId}/feed', { path: { courseId: 'sound' }, headers });
      expect(status).toBe(200);
      return String(body.url).split('/').at(-1) ?? '';
    },
    /** A link of each function, the first as long-lived as any. */
    async sign(feedToken: string): Promise<readonly string[]> {
      const granted = await grant('GET /courses/{courseId}/previews/{lessonId}/media-url', {
        path: { courseId: 'sound', lessonId: 'clap' },
        query: { purpose: 'download' },
      });
      const path = { feedToken, lessonId: 'clap.mp3' };
      const episode = await feed('GET /feeds/{feedToken}/episodes/{lessonId}', { path });
      expect([granted.status, episode.status]).toEqual([200, 302]);
      return [String(granted.body.url), String(episode.headers['Location'])];
    },
  };
}

type Container = Awaited<ReturnType<typeof startContainer>>;

/** Whether CloudFront would serve a link: its key is known, signed exactly this URL, and the time has not passed. */
function isServed(stack: MediaStack, link: string): boolean {
  const url = new URL(link);
  const [expires, signature, id] = ['Expires', 'Signature', 'Key-Pair-Id'].map(
    (name) => url.searchParams.get(name) ?? '',
  );
  const pem = stack.publicKey(id ?? '');
  if (pem === undefined || Number(expires) * 1000 < Date.now()) return false;
  url.search = '';
  const policy = `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  const bytes = Buffer.from((signature ?? '').replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64');
  return verify('sha256', Buffer.from(policy), createPublicKey(pem), bytes);
}

describe('a rotation of the media key', () => {
  const containers: Container[] = [];
  afterEach(() => Promise.all(containers.splice(0).map(({ stop }) => stop())));

  it('fails no grant and no episode, in new and running containers, though no version of a function is published', async () => {
    const Value = database.uri();
    store.parameters.set(MONGODB_URI, { Name: MONGODB_URI, Type: 'SecureString', Value, LastModifiedDate: 0 });
    await migrate(database.db());
    await unscopedCollection(database.db(), COLLECTIONS.users).insertOne(buildUser());
    await unscopedCollection(database.db(), COLLECTIONS.sessions).insertOne(buildSession());
    const lessons = [buildRecording({ id: 'clap' })];
    await publishCourse(database.db(), buildCourseSource({ id: 'sound', title: 'Sound', lessons }));

    const stack = createMediaStack(store);
    await keys('create');
    freezeEnvironment();
    stack.deploy();

    let links: string[] = [];
    let signed = 0;
    containers.push(await startContainer());
    const feedToken = (await containers[0]?.openFeed()) ?? '';
    const signers = new Set<string>();

    /** Every container signs. Then the oldest links and the newest ones are followed. */
    async function load(): Promise<void> {
      const made: string[] = [];
      for (const container of containers) made.push(...(await container.sign(feedToken)));
      signed += made.length;
      for (const link of made) signers.add(new URL(link).searchParams.get('Key-Pair-Id') ?? '');
      links = [...links, ...made].filter(
        (link) => Number(new URL(link).searchParams.get('Expires')) * 1000 >= Date.now(),
      );
      for (const link of [...links.slice(0, 4), ...made]) expect(isServed(stack, link)).toBe(true);
    }
    async function loadFor(seconds: number, everySeconds: number): Promise<void> {
      for (let passed = 0; passed < seconds; passed += everySeconds) {
        clock.advance(Math.min(everySeconds, seconds - passed));
        await load();
      }
    }
    /** A cold start, in place of the container before the last, so that two have run for a while. */
    async function startAndLoad(): Promise<void> {
      containers.push(await startContainer());
      if (containers.length > 4) await containers.splice(1, 1)[0]?.stop();
      await load();
    }
    async function step(name: string): Promise<void> {
      expect([name, (await keys('media', name)).code]).toEqual([name, 0]);
      await load();
      await startAndLoad();
    }

    await load();
    await startAndLoad();
    for (const [slot, id] of [
      ['b', 'K2'],
      ['a', 'K3'],
    ] as const) {
      await step('publish');
      await loadFor(600, 300);
      stack.deploy();
      await load();
      await startAndLoad();
      await loadFor(299, 100);
      expect((await keys('media', 'switch')).text).toMatch(/Too early .*for 1 s/);
      clock.advance(1);
      // Just before the switch, so that this container is the last to take the next key.
      await startAndLoad();
      await step('switch');
      await loadFor(300, 60);
      const old = links[0] ?? '';
      await loadFor(43_200, 4320);
      expect(isServed(stack, old)).toBe(false);
      await step('retire');
      await loadFor(600, 300);
      stack.deploy();
      await load();
      await startAndLoad();
      expect([...stack.keys].map(([name, key]) => [name, key.id])).toEqual([[slot, id]]);
    }
    expect([...signers]).toEqual(['K1', 'K2', 'K3']);
    expect(signed).toBeGreaterThan(300);
  }, 300_000);
});
