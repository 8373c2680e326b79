import { generateKeyPairSync } from 'node:crypto';
import { currentMediaKey, parseMediaKey } from '../../../shared/media/media-signing-key.ts';
import { secret } from '../../../shared/secrets.ts';
import { useParameterStore } from '../../support/aws/parameter-store.ts';
import { useClock } from '../../support/jest/clock.ts';
import { createMediaKeyPair, mediaKeyPair, mediaSigningKey, useMediaKey } from '../../support/keys/media-keys.ts';

useMediaKey();
const clock = useClock();
const { parameters } = useParameterStore();

describe('the key that signs media links', () => {
  it('has the CloudFront id of its slot', () => {
    expect(parseMediaKey(mediaSigningKey()).keyPairId).toBe(mediaKeyPair.id);
    process.env['MEDIA_KEY_PAIR_ID_B'] = 'KOTHER';
    expect(parseMediaKey(mediaSigningKey(undefined, 'b')).keyPairId).toBe('KOTHER');
    delete process.env['MEDIA_KEY_PAIR_ID_B'];
  });

  it('is rejected in a slot that is not deployed', () => {
    expect(() => parseMediaKey(mediaSigningKey(undefined, 'b'))).toThrow('MEDIA_KEY_PAIR_ID_B');
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
      parseMediaKey(json);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    const { message, cause } = thrown as Error;
    expect([message, cause]).toEqual([expect.stringContaining('MEDIA_SIGNING_KEY'), undefined]);
    expect(message).not.toMatch(/sesame|BEGIN/);
  });

  it('is never older than five minutes, however long the container has been running', async () => {
    const Name = '/lectern/dev/media-signing-key';
    const put = (Value: string) => parameters.set(Name, { Name, Value, Type: 'SecureString', LastModifiedDate: 0 });
    delete process.env['MEDIA_SIGNING_KEY'];
    Object.assign(process.env, { MEDIA_SIGNING_KEY_PARAMETER: Name, MEDIA_KEY_PAIR_ID_B: 'KOTHER' });
    put(mediaSigningKey());
    // As in a request that signs nothing: one call reads all secrets.
    await secret('MEDIA_SIGNING_KEY');
    put(mediaSigningKey(undefined, 'b'));
    clock.advance(300);
    expect((await currentMediaKey()).keyPairId).toBe('KOTHER');
  });
});
