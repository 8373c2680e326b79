import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { runKeys } from '../../../tools/keys/command.ts';
import { localSecrets } from '../../../tools/keys/local-secrets.ts';
import { mediaKeysOf } from '../../../tools/keys/media/media-keys.ts';
import { announceRunning } from '../../../tools/platform/running.ts';
import { useClock } from '../../support/jest/clock.ts';

const clock = useClock();
const root = path.resolve(import.meta.dirname, '../../..');
let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'lectern-keys-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function keys(...args: readonly string[]) {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const code = await runKeys(args, { root, dataDir, print: note, report: note });
  return { code, text: lines.join('\n') };
}

const secrets = async () =>
  JSON.parse(await readFile(path.join(dataDir, 'secrets.json'), 'utf8')) as Record<string, string>;

describe('npm run keys on this machine', () => {
  it('rotates the keys that npm start made, one step at a time', async () => {
    const made = await localSecrets(dataDir);
    clock.advance(3600);
    expect(await keys('publish')).toMatchObject({ code: 0, text: expect.stringContaining('Published the next key') });
    expect(await keys('publish')).toMatchObject({ code: 0, text: expect.stringContaining('published already') });
    expect((await secrets())['ACCESS_TOKEN_PRIVATE_KEY']).toBe(made['ACCESS_TOKEN_PRIVATE_KEY']);

    clock.advance(179);
    expect(await keys('switch')).toMatchObject({ code: 1, text: expect.stringMatching(/Too early .*for 1 s/) });
    clock.advance(1);
    expect(await keys('switch')).toMatchObject({ code: 0, text: expect.stringContaining('signs from now on') });
    const { ACCESS_TOKEN_PRIVATE_KEY, ACCESS_TOKEN_NEXT_PRIVATE_KEY } = await secrets();
    expect(ACCESS_TOKEN_PRIVATE_KEY).not.toBe(made['ACCESS_TOKEN_PRIVATE_KEY']);
    expect(ACCESS_TOKEN_NEXT_PRIVATE_KEY).toBeUndefined();

    clock.advance(1889);
    expect(await keys('retire')).toMatchObject({ code: 1, text: expect.stringMatching(/Too early .*for 1 s/) });
    clock.advance(1);
    expect(await keys('retire')).toMatchObject({ code: 0, text: expect.stringContaining('Next step: publish') });
    expect(await localSecrets(dataDir)).toMatchObject({ REFRESH_KEY: made['REFRESH_KEY'] });
  });

  it('rotates the key of media too: npm start takes whatever there is, so nothing is deployed', async () => {
    const made = await localSecrets(dataDir);
    clock.advance(3600);
    expect((await keys('show')).text).toMatch(/Media keys:\n {2}signs {2}slot a .*Next step: media publish/s);
    expect(await keys('media', 'publish')).toMatchObject({ code: 0, text: expect.stringContaining('for slot b') });
    expect((await secrets())['MEDIA_SIGNING_KEY']).toBe(made['MEDIA_SIGNING_KEY']);

    clock.advance(299);
    expect(await keys('media', 'switch')).toMatchObject({
      code: 1,
      text: expect.stringMatching(/Too early .*for 1 s/),
    });
    clock.advance(1);
    expect(await keys('media', 'switch')).toMatchObject({
      code: 0,
      text: expect.stringContaining('signs from now on'),
    });
    const both = await secrets();
    expect(JSON.parse(both['MEDIA_SIGNING_KEY'] ?? '')).toMatchObject({ slot: 'b' });
    expect([...mediaKeysOf(both).trustedKeys.values()]).toEqual([
      made['MEDIA_PUBLIC_KEY_A'],
      both['MEDIA_PUBLIC_KEY_B'],
    ]);

    clock.advance(43_499);
    expect(await keys('media', 'retire')).toMatchObject({
      code: 1,
      text: expect.stringMatching(/Too early .*for 1 s/),
    });
    clock.advance(1);
    expect(await keys('media', 'retire')).toMatchObject({ code: 0, text: expect.stringContaining('media publish') });
    expect([...mediaKeysOf(await secrets()).trustedKeys.values()]).toEqual([both['MEDIA_PUBLIC_KEY_B']]);
  });

  it('does not wait when it is forced, and says what that costs', async () => {
    await keys('create');
    await keys('publish');
    expect(await keys('switch', '--force')).toMatchObject({
      code: 0,
      text: expect.stringMatching(/^Forced\. Too early/),
    });
    expect(await keys('retire', '--force')).toMatchObject({ code: 0, text: expect.stringMatching(/valid tokens/) });
  });

  it('makes what is missing and overwrites nothing', async () => {
    await writeFile(path.join(dataDir, 'secrets.json'), JSON.stringify({ CURSOR_KEY: 'kept' }));
    expect((await keys('create')).code).toBe(0);
    const made = await secrets();
    expect(made).toMatchObject({
      CURSOR_KEY: 'kept',
      REFRESH_KEY: expect.any(String),
      RATE_LIMIT_KEY: expect.any(String),
      FEED_KEY: expect.any(String),
      MEDIA_SIGNING_KEY: expect.stringContaining('"slot":"a"'),
      MEDIA_PUBLIC_KEY_A: expect.stringContaining('PUBLIC KEY'),
      MEDIA_PUBLIC_KEY_B: 'none',
    });
    expect((await keys('create')).code).toBe(0);
    expect(await secrets()).toEqual(made);
  });

  it('shows what there is and changes nothing, with and without keys', async () => {
    expect(await keys()).toMatchObject({ code: 0, text: expect.stringMatching(/no key signs.*Next step: create/s) });
    expect(await readdir(dataDir)).toEqual([]);
    await keys('create');
    const before = await secrets();
    expect(await keys('show')).toMatchObject({ code: 0, text: expect.stringContaining('Next step: publish') });
    expect(await secrets()).toEqual(before);
  });

  it('prints no secret', async () => {
    const shown = [];
    const rotation = [['publish'], ['switch', '--force'], ['show'], ['retire', '--force']];
    for (const args of [
      ['create'],
      ...rotation,
      ...rotation.map((step) => (step[0] === 'show' ? step : ['media', ...step])),
    ]) {
      shown.push((await keys(...args)).text);
      for (const [name, value] of Object.entries(await secrets())) {
        if (name.endsWith('PRIVATE_KEY')) {
          const { d } = JSON.parse(value) as { readonly d: string };
          expect(shown.join('\n')).not.toContain(d);
        } else if (/^MEDIA_.*SIGNING_KEY$/.test(name)) {
          const { privateKey } = JSON.parse(value) as { readonly privateKey: string };
          for (const line of privateKey.split('\n').slice(1, -2)) expect(shown.join('\n')).not.toContain(line);
        } else if (/_KEY$/.test(name)) expect(shown.join('\n')).not.toContain(value);
      }
    }
  });

  it('leaves one file, readable by its owner alone', async () => {
    await keys('create');
    await keys('publish');
    expect(await readdir(dataDir)).toEqual(['secrets.json']);
    expect((await stat(path.join(dataDir, 'secrets.json'))).mode & 0o777).toBe(0o600);
  });

  it('says that a running system must be restarted', async () => {
    const system = createServer((_, response) => response.end());
    await new Promise<void>((done) => system.listen(0, '127.0.0.1', done));
    const apiUrl = `http://127.0.0.1:${(system.address() as AddressInfo).port}`;
    await announceRunning(dataDir, { pid: process.pid, apiUrl, mediaUrl: apiUrl, mongodbUri: 'mongodb://none' });
    expect((await keys('create')).text).toContain('Restart it');
    system.closeAllConnections();
    system.close();
    expect((await keys('publish')).text).not.toContain('Restart it');
  });

  it.each([
    [['rotate']],
    [['publish', 'switch']],
    [['--envrionment', 'dev']],
    [['media']],
    [['media', 'create']],
    [['publish', 'media']],
  ])('refuses %p as an unknown command', async (args) => {
    expect(await keys(...args)).toMatchObject({ code: 2, text: expect.stringContaining('npm run keys --') });
  });
});
