import { generateKeyPairSync } from 'node:crypto';
import { currentMediaKey, parseMediaKey } from '../../../shared/media/media-signing-key.ts';
import { secret } from '../../../shared/secrets.ts';
import { useClock } from '../../support/clock.ts';
import { KEY_PAIR_ID, mediaSigningKey, useMediaKey } from '../../support/media.ts';
import { useParameterStore } from '../../support/parameter-store.ts';

useMediaKey();
const clock = useClock();
const { parameters } = useParameterStore();

const pem = (bits: number) =>
  generateKeyPairSync('rsa', {
    modulusLength: bits,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });

describe('the key that links to media are signed with', () => {
  it('goes by the id that CloudFront has for the slot it is in', () => {
    expect(parseMediaKey(mediaSigningKey()).keyPairId).toBe(KEY_PAIR_ID);
    process.env['MEDIA_KEY_PAIR_ID_B'] = 'KOTHER';
    expect(parseMediaKey(mediaSigningKey(undefined, 'b')).keyPairId).toBe('KOTHER');
    delete process.env['MEDIA_KEY_PAIR_ID_B'];
  });

  it('is refused in a slot that is not deployed', () => {
    expect(() => parseMediaKey(mediaSigningKey(undefined, 'b'))).toThrow('MEDIA_KEY_PAIR_ID_B');
  });

  const { privateKey: shorter, publicKey } = pem(1024);
  it.each([
    ['no JSON', 'sesame-secret'],
    ['null', 'null'],
    ['without a slot', JSON.stringify({ privateKey: shorter })],
    ['in a third slot', mediaSigningKey(undefined, 'c')],
    ['without a key', JSON.stringify({ slot: 'a' })],
    ['no PEM', mediaSigningKey('sesame-secret')],
    ['a public key', mediaSigningKey(publicKey)],
    ['of 1,024 bits', mediaSigningKey(shorter)],
    [
      'of another kind',
      mediaSigningKey(
        generateKeyPairSync('ec', { namedCurve: 'P-256' })
          .privateKey.export({ type: 'pkcs8', format: 'pem' })
          .toString(),
      ),
    ],
  ])('is refused when it is %s, and quoted nowhere', (_, json) => {
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

  it('is never an older one than five minutes, however long a container has run before it signs', async () => {
    const Name = '/lectern/dev/media-signing-key';
    const put = (Value: string) => parameters.set(Name, { Name, Value, Type: 'SecureString', LastModifiedDate: 0 });
    delete process.env['MEDIA_SIGNING_KEY'];
    Object.assign(process.env, { MEDIA_SIGNING_KEY_PARAMETER: Name, MEDIA_KEY_PAIR_ID_B: 'KOTHER' });
    put(mediaSigningKey());
    // As a request does that signs nothing: all secrets are read at once.
    await secret('MEDIA_SIGNING_KEY');
    put(mediaSigningKey(undefined, 'b'));
    clock.advance(300);
    expect((await currentMediaKey()).keyPairId).toBe('KOTHER');
  });
});
