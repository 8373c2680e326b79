import { generateKeyPairSync } from 'node:crypto';
import { currentMediaKey, parseMediaKey } from '../../../shared/media/media-signing-key.ts';
import { secret } from '../../../shared/secrets.ts';
import { useParameterStore } from '../../support/aws/parameter-store.ts';
import { useClock } from '../../support/jest/clock.ts';
import { useLogs } from '../../support/jest/logs.ts';
import {
  createMediaKeyPair,
  mediaKeyPair,
  mediaKeyPairIds,
  mediaSigningKey,
  useMediaKey,
} from '../../support/keys/media-keys.ts';

const PARAMETERS = {
  MEDIA_SIGNING_KEY: '/lectern/dev/media-signing-key',
  MEDIA_KEY_PAIR_IDS: '/lectern/dev/media-key-pair-ids',
} as const;

useMediaKey();
const clock = useClock();
const { parameters } = useParameterStore();
const logs = useLogs();

describe('the key that signs media links', () => {
  const parsed = (MEDIA_SIGNING_KEY: string, MEDIA_KEY_PAIR_IDS = mediaKeyPairIds('KOTHER')) =>
    parseMediaKey({ MEDIA_SIGNING_KEY, MEDIA_KEY_PAIR_IDS });

  it('has the CloudFront id of its slot', () => {
    expect(parsed(mediaSigningKey()).keyPairId).toBe(mediaKeyPair.id);
    expect(parsed(mediaSigningKey(undefined, 'b')).keyPairId).toBe('KOTHER');
  });

  it.each(['{}', mediaKeyPairIds(''), '[]'])('is unavailable while its slot has no id: %s', (ids) => {
    expect(() => parsed(mediaSigningKey(undefined, 'b'), ids)).toThrow(
      expect.objectContaining({
        code: 'unavailable',
        cause: expect.objectContaining({ message: expect.stringContaining('no id for slot b') }),
      }),
    );
  });

  it('is rejected with ids that are not JSON', () => {
    expect(() => parsed(mediaSigningKey(), 'K2JCJMDEHXQW5F')).toThrow('MEDIA_KEY_PAIR_IDS is not JSON');
  });

  const { privateKey: shorter, publicKey } = createMediaKeyPair('short', 1024);
  it.each([
    ['a text that is not JSON', 'sesame-secret'],
    ['null', 'null'],
    ['a key without a slot', JSON.stringify({ privateKey: shorter })],
    ['a key in an unknown slot', mediaSigningKey(undefined, 'c')],
    ['a slot without a key', JSON.stringify({ slot: 'a' })],
    ['a key that is not PEM', mediaSigningKey('sesame-secret')],
    ['a public key', mediaSigningKey(publicKey)],
    ['a key of 1,024 bits', mediaSigningKey(shorter)],
    [
      'a key of another type',
      mediaSigningKey(
        generateKeyPairSync('ec', { namedCurve: 'P-256' })
          .privateKey.export({ type: 'pkcs8', format: 'pem' })
          .toString(),
      ),
    ],
  ])('cannot be %s, which no error quotes', (_, json) => {
    let thrown: unknown;
    try {
      parsed(json);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    const { message, cause } = thrown as Error;
    expect([message, cause]).toEqual([expect.stringContaining('MEDIA_SIGNING_KEY'), undefined]);
    expect(message).not.toMatch(/sesame|BEGIN/);
  });

  it('is never older than five minutes, however long the container has been running', async () => {
    const put = (Name: string, Value: string) =>
      parameters.set(Name, { Name, Value, Type: 'SecureString', LastModifiedDate: 0 });
    for (const [name, parameter] of Object.entries(PARAMETERS)) {
      delete process.env[name];
      process.env[`${name}_PARAMETER`] = parameter;
    }
    put(PARAMETERS.MEDIA_SIGNING_KEY, mediaSigningKey());
    put(PARAMETERS.MEDIA_KEY_PAIR_IDS, mediaKeyPairIds());
    // As in a request that signs nothing: one call reads all secrets.
    await secret('MEDIA_SIGNING_KEY');
    // What a version of the function was deployed with does not matter: the id of the new slot is read with the key.
    put(PARAMETERS.MEDIA_KEY_PAIR_IDS, mediaKeyPairIds('KOTHER'));
    put(PARAMETERS.MEDIA_SIGNING_KEY, mediaSigningKey(undefined, 'b'));
    clock.advance(300);
    expect((await currentMediaKey()).keyPairId).toBe('KOTHER');

    // The previous pair stays while the new one is incomplete, as when a parameter was changed by hand.
    put(PARAMETERS.MEDIA_KEY_PAIR_IDS, mediaKeyPairIds());
    clock.advance(300);
    expect((await currentMediaKey()).keyPairId).toBe('KOTHER');
    expect(logs.text()).toContain('Setting not read again');
    put(PARAMETERS.MEDIA_SIGNING_KEY, mediaSigningKey());
    clock.advance(300);
    expect((await currentMediaKey()).keyPairId).toBe(mediaKeyPair.id);
  });
});
