import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import path from 'node:path';
import { findEnvironment } from '../../tools/environment/environment.ts';
import { secretParametersOf } from '../../tools/keys/secret-parameters.ts';
import { useClock } from '../support/jest/clock.ts';
import { useKeysCommand } from '../support/keys/keys-command.ts';
import { createMediaStack, MEDIA_PARAMETERS, type MediaStack } from '../support/keys/media-stack.ts';

const root = path.resolve(import.meta.dirname, '../..');
const SIGNING_KEY = '/lectern/dev/media-signing-key';
const NEXT_KEY = '/lectern/dev/media-next-signing-key';

const clock = useClock();
const { store, keys, parameterValue } = useKeysCommand();
const { parameters } = store;

let stack: MediaStack;
beforeEach(() => {
  stack = createMediaStack(store);
});
const deploy = () => stack.deploy();

interface Grant {
  readonly keyPairId: string;
  readonly signature: Buffer;
  readonly expiresAtMs: number;
}

/** A container of a function that signs, with the key and the ids that it read together. */
interface Container {
  ids: Readonly<Record<string, string>>;
  secret: string;
  readAtMs: number;
}

function start(): Container {
  return {
    ids: JSON.parse(parameterValue(MEDIA_PARAMETERS.keyPairIds)) as Record<string, string>,
    secret: parameterValue(SIGNING_KEY),
    readAtMs: Date.now(),
  };
}

function issue(container: Container, lifetimeSeconds: number): Grant {
  // At the latest: it asks again after five minutes.
  if (Date.now() - container.readAtMs >= 300_000) {
    Object.assign(container, start());
  }
  const { slot, privateKey } = JSON.parse(container.secret) as { readonly slot: string; readonly privateKey: string };
  return {
    keyPairId: container.ids[slot] ?? '',
    signature: sign('sha256', Buffer.from('a recording'), createPrivateKey(privateKey)),
    expiresAtMs: Date.now() + lifetimeSeconds * 1000,
  };
}

function isAccepted({ keyPairId, signature, expiresAtMs }: Grant): boolean {
  const pem = stack.publicKey(keyPairId);
  if (pem === undefined || Date.now() > expiresAtMs) return false;
  return verify('sha256', Buffer.from('a recording'), createPublicKey(pem), signature);
}

describe('the media key of a stage', () => {
  it('is created before the first deployment, which uses it', async () => {
    expect((await keys('create')).text).toContain('Next step: deploy');
    expect([parameterValue(MEDIA_PARAMETERS.a), parameterValue(MEDIA_PARAMETERS.b)]).toEqual([
      expect.stringMatching(/^-----BEGIN PUBLIC/),
      'none',
    ]);
    deploy();
    expect((await keys('show')).text).toMatch(/signs {2}slot a .*deployed as K\d+\n.*Next step: media publish/s);
    expect(isAccepted(issue(start(), 900))).toBe(true);
  });

  it('keeps its next private key where no function can read it, until it signs', async () => {
    await keys('create');
    deploy();
    const first = parameterValue(SIGNING_KEY);
    await keys('media', 'publish');
    expect(parameters.get(NEXT_KEY)?.Type).toBe('SecureString');
    expect([...secretParametersOf(root, await findEnvironment(root, 'dev')).values()]).not.toContain(NEXT_KEY);
    expect(parameterValue(SIGNING_KEY)).toBe(first);
    const next = parameterValue(NEXT_KEY);
    deploy();
    clock.advance(300);
    await keys('media', 'switch');
    expect([parameterValue(SIGNING_KEY), parameters.has(NEXT_KEY)]).toEqual([next, false]);
  });

  it('stays valid if a command fails at any write, and the command can be repeated', async () => {
    const signsWhatIsKnown = () => {
      const { slot, privateKey } = JSON.parse(parameterValue(SIGNING_KEY)) as { slot: 'a' | 'b'; privateKey: string };
      const publicKey = createPublicKey(createPrivateKey(privateKey)).export({ type: 'spki', format: 'pem' });
      expect(parameterValue(MEDIA_PARAMETERS[slot])).toBe(publicKey);
    };
    for (const step of [['create'], ['media', 'publish'], ['media', 'switch'], ['media', 'retire']]) {
      let failures = 0;
      for (let code: number | 'failed' = 'failed'; code !== 0; failures += 1) {
        store.failAfter(failures);
        code = await keys(...step, '--force').then(
          (outcome) => outcome.code,
          (error: Error) => {
            expect(error.message).toMatch(/^\/lectern\/dev\/[\w-]+ could not be changed: AccessDeniedException\./);
            return 'failed' as const;
          },
        );
        if (parameters.has(SIGNING_KEY)) signsWhatIsKnown();
      }
      expect(failures).toBeGreaterThan(1);
      store.failAfter(Number.POSITIVE_INFINITY);
      deploy();
    }
    expect((await keys('show')).text).toContain('Next step: media publish');
  }, 120_000);

  it('is replaced at once after a leak, in an order that leaves no grant without a key', async () => {
    await keys('create');
    deploy();
    const stolen = issue(start(), 43_200);
    await keys('media', 'publish');
    expect(await keys('media', 'switch', '--force')).toMatchObject({
      code: 1,
      text: expect.stringContaining('deploy first'),
    });
    deploy();
    expect((await keys('media', 'switch', '--force')).code).toBe(0);
    expect(await keys('media', 'retire', '--force')).toMatchObject({
      code: 0,
      text: expect.stringContaining('deploy'),
    });
    expect(isAccepted(stolen)).toBe(true);
    deploy();
    expect(isAccepted(stolen)).toBe(false);
    expect(isAccepted(issue(start(), 900))).toBe(true);
  });

  it('rotates repeatedly without refusing a grant of any age or container, and grants of retired keys are refused', async () => {
    await keys('create');
    deploy();
    const containers = [start(), start()];
    let grants: Grant[] = [];
    let checked = 0;

    function load(): void {
      for (const container of containers) grants.push(issue(container, 43_200));
      grants = grants.filter(({ expiresAtMs }) => expiresAtMs >= Date.now());
      // The oldest are the first to be refused, and the newest by those who know least.
      for (const grant of [...grants.slice(0, 3), ...grants.slice(-containers.length)]) {
        expect(isAccepted(grant)).toBe(true);
        checked += 1;
      }
    }
    function loadFor(seconds: number, everySeconds: number): void {
      for (let passed = 0; passed < seconds; passed += everySeconds) {
        clock.advance(Math.min(everySeconds, seconds - passed));
        load();
      }
    }
    /** The containers of before go on for a while; before the next switch all are of the new version. */
    function deployUnderLoad(): void {
      deploy();
      load();
      containers.splice(0, containers.length, start(), start());
      load();
    }

    load();
    for (const slot of ['b', 'a', 'b'] as const) {
      const old = issue(containers[0] ?? start(), 1_000_000);
      expect((await keys('media', 'publish')).code).toBe(0);
      expect((await keys('media', 'switch')).text).toContain('deploy first');
      loadFor(3600, 600);
      deployUnderLoad();
      loadFor(299, 100);
      expect((await keys('media', 'switch')).text).toMatch(/Too early .*for 1 s/);
      loadFor(1, 1);
      // It has read its secrets just before the switch, and so is the last to take the next key.
      containers.push(start());
      expect((await keys('media', 'switch')).code).toBe(0);
      loadFor(299, 60);
      loadFor(43_200, 600);
      expect((await keys('media', 'retire')).text).toMatch(/Too early .*for 1 s/);
      loadFor(1, 1);
      expect((await keys('media', 'retire')).code).toBe(0);
      expect((await keys('media', 'publish')).text).toContain('deploy first');
      expect(isAccepted(old)).toBe(true);
      deployUnderLoad();
      expect(isAccepted(old)).toBe(false);
      expect([...stack.keys.keys()]).toEqual([slot]);
    }
    expect(checked).toBeGreaterThan(500);
  }, 60_000);
});
