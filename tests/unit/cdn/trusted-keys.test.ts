import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readTrustedKeys } from '../../../local/cdn/signature/trusted-keys.ts';
import { createMediaKeyPair } from '../../support/keys/media-keys.ts';

const { publicKey, privateKey } = createMediaKeyPair('K2JCJMDEHXQW5F');
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const read = (pem: string) => readTrustedKeys(new Map([['K2JCJMDEHXQW5F', pem]]));

describe('a trusted key', () => {
  it('is a public RSA key of 2048 bits', () => {
    expect(read(publicKey).get('K2JCJMDEHXQW5F')?.asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  it.each([
    ['another size', createMediaKeyPair('K1', 3072).publicKey],
    ['an ECDSA key', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey)],
    ['another padding', pemOf(generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey)],
  ])('cannot have %s', (_label, pem) => {
    expect(() => read(pem)).toThrow('The trusted key K2JCJMDEHXQW5F is not an RSA key of 2048 bits');
  });

  it.each([
    ['a private key', privateKey],
    ['a public key with something before it', `Key:\n${publicKey}`],
    ['a public key with something after it', `${publicKey}-`],
    ['two public keys', publicKey + publicKey],
    ['empty', ''],
  ])('cannot be %s', (_label, pem) => {
    expect(() => read(pem)).toThrow('The trusted key K2JCJMDEHXQW5F is not a public key in PEM form');
  });
});
