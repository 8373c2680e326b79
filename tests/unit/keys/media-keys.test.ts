import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { createMediaKey, createMediaKeys, mediaKeysOf, NO_KEY } from '../../../tools/keys/media/media-keys.ts';

describe('the media keys of this machine', () => {
  const secrets = createMediaKeys();

  it('are one that signs, in slot a, and a free slot', () => {
    const { slot, privateKey } = JSON.parse(secrets['MEDIA_SIGNING_KEY'] ?? '') as Record<string, string>;
    expect(slot).toBe('a');
    expect(secrets['MEDIA_PUBLIC_KEY_B']).toBe(NO_KEY);
    const signature = sign('sha256', Buffer.from('a grant'), createPrivateKey(privateKey ?? ''));
    const [trusted = ''] = mediaKeysOf(secrets).trustedKeys.values();
    expect(verify('sha256', Buffer.from('a grant'), createPublicKey(trusted), signature)).toBe(true);
  });

  it('are of the kind that CloudFront takes: RSA of 2048 bits', () => {
    expect(createPublicKey(secrets['MEDIA_PUBLIC_KEY_A'] ?? '').asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  it('have the same id for the CDN that verifies as for the functions that sign, and for each key another', () => {
    const both = { ...secrets, MEDIA_PUBLIC_KEY_B: createMediaKey('b').publicKey };
    const {
      trustedKeys,
      keyPairIds: { a, b },
    } = mediaKeysOf(both);
    expect(trustedKeys).toEqual(
      new Map([
        [a, secrets['MEDIA_PUBLIC_KEY_A']],
        [b, both.MEDIA_PUBLIC_KEY_B],
      ]),
    );
    expect(a).toMatch(/^K[0-9A-F]{13}$/);
    expect(b).not.toBe(a);
    expect(mediaKeysOf(both)).toEqual(mediaKeysOf(both));
  });

  it('are trusted only while they are in a slot', () => {
    expect(mediaKeysOf(secrets).keyPairIds.b).toBe('');
    expect(mediaKeysOf({ ...secrets, MEDIA_PUBLIC_KEY_A: NO_KEY }).trustedKeys.size).toBe(0);
    expect(mediaKeysOf({})).toEqual({
      trustedKeys: new Map(),
      keyPairIds: { a: '', b: '' },
    });
  });
});
