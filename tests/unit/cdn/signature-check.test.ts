import { createSign } from 'node:crypto';
import { getSignedCookies, getSignedUrl } from '@aws-sdk/cloudfront-signer';
import fc from 'fast-check';
import { checkSignature } from '../../../local/cdn/signature/signature-check.ts';
import type { ViewerRequest } from '../../../local/cdn/signature/signed-request.ts';
import { readTrustedKeys } from '../../../local/cdn/signature/trusted-keys.ts';
import { createMediaKeyPair } from '../../support/keys/media-keys.ts';
import { cookieHeader, policyText, viewerOf } from '../../support/media/cdn-viewer.ts';

const EXPIRES = 1_800_000_000;
const NOW = new Date((EXPIRES - 600) * 1000);
const ORIGIN = 'http://127.0.0.1:3100';
const FILE = `${ORIGIN}/media/sound/0123456789abcdef0123456789abcdef.mp3`;

const keyPair = createMediaKeyPair('K2JCJMDEHXQW5F');
const untrusted = createMediaKeyPair('K1UNTRUSTED');
const keys = readTrustedKeys(new Map([[keyPair.id, keyPair.publicKey]]));

const signing = { keyPairId: keyPair.id, privateKey: keyPair.privateKey, algorithm: 'SHA256' } as const;
const cannedUrl = (url = FILE) => getSignedUrl({ ...signing, url, dateLessThan: new Date(EXPIRES * 1000) });
const customUrl = (policy: string, url = FILE) => getSignedUrl({ ...signing, url, policy });
const plainPolicy = policyText({ resource: FILE, expires: EXPIRES });

const verdict = (url: string, more: Partial<ViewerRequest> = {}, now = NOW) =>
  checkSignature(viewerOf(url, more), keys, now);

/** Returns a URL with a canned policy and any text as Expires, which the SDK would not sign. */
function cannedWith(expires: string): string {
  const policy = `{"Statement":[{"Resource":"${FILE}","Condition":{"DateLessThan":{"AWS:EpochTime":${expires}}}}]}`;
  return `${FILE}?Expires=${expires}&Signature=${signatureOf(policy)}&Key-Pair-Id=${keyPair.id}`;
}

function signatureOf(text: string): string {
  return urlSafe(createSign('RSA-SHA1').update(text).sign(keyPair.privateKey));
}

function urlSafe(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');
}

describe('an unsigned request', () => {
  it.each([FILE, `${FILE}?size=large`, `${FILE}?expires=1&policy=x&signature=y&key-pair-id=z`])(
    'lacks a key: %s',
    (url) => {
      expect(verdict(url)).toBe('MissingKey');
    },
  );

  it('lacks a key if Key-Pair-Id is empty', () => {
    expect(verdict(cannedUrl().replace(`Key-Pair-Id=${keyPair.id}`, 'Key-Pair-Id='))).toBe('MissingKey');
  });
});

describe('the key of a signature', () => {
  it('is unknown if its id is not in the key group', () => {
    expect(verdict(cannedUrl().replace(keyPair.id, untrusted.id))).toBe('InvalidKey');
    expect(checkSignature(viewerOf(cannedUrl()), new Map(), NOW)).toBe('InvalidKey');
  });

  it('must be the one that signed', () => {
    const url = getSignedUrl({ ...signing, url: FILE, dateLessThan: '2030-01-01', privateKey: untrusted.privateKey });
    expect(verdict(url)).toBe('AccessDenied');
  });

  it('can be any key of the group, as during a key rotation', () => {
    const both = readTrustedKeys(new Map([keyPair, untrusted].map(({ id, publicKey }) => [id, publicKey])));
    const url = getSignedUrl({
      url: FILE,
      dateLessThan: '2030-01-01',
      keyPairId: untrusted.id,
      privateKey: untrusted.privateKey,
    });
    expect(checkSignature(viewerOf(url), both, NOW)).toBe('allowed');
    expect(checkSignature(viewerOf(cannedUrl()), both, NOW)).toBe('allowed');
  });
});

describe('the hash of a signature', () => {
  const sha1 = getSignedUrl({ ...signing, algorithm: 'SHA1', url: FILE, dateLessThan: new Date(EXPIRES * 1000) });

  it('is SHA-1 by default', () => {
    expect(sha1).not.toContain('Hash-Algorithm');
    expect(verdict(sha1)).toBe('allowed');
    expect(verdict(`${sha1}&Hash-Algorithm=SHA1`)).toBe('allowed');
  });

  it.each(['SHA256', 'sha1', 'SHA-1', 'SHA512', 'none', ''])('is not accepted: %j', (named) => {
    expect(verdict(`${sha1}&Hash-Algorithm=${named}`)).toBe('AccessDenied');
  });

  it('is SHA-256 only if Hash-Algorithm says so', () => {
    expect(cannedUrl()).toContain('Hash-Algorithm=SHA256');
    expect(verdict(cannedUrl())).toBe('allowed');
    expect(verdict(cannedUrl().replace('&Hash-Algorithm=SHA256', ''))).toBe('AccessDenied');
  });
});

describe('the validity period', () => {
  const at = (seconds: number) => new Date(seconds * 1000);

  it.each([
    ['canned', cannedUrl()],
    ['custom', customUrl(plainPolicy)],
  ])('of a %s policy ends before the second of DateLessThan', (_kind, url) => {
    expect(verdict(url, {}, new Date(EXPIRES * 1000 - 1))).toBe('allowed');
    expect(verdict(url, {}, at(EXPIRES))).toBe('AccessDenied');
    expect(verdict(url, {}, at(EXPIRES + 1))).toBe('AccessDenied');
  });

  it('starts after DateGreaterThan, not on or before it', () => {
    const start = { DateGreaterThan: { 'AWS:EpochTime': EXPIRES - 900 } };
    const url = customUrl(policyText({ resource: FILE, expires: EXPIRES, condition: start }));
    expect(verdict(url, {}, at(EXPIRES - 901))).toBe('AccessDenied');
    expect(verdict(url, {}, at(EXPIRES - 900))).toBe('AccessDenied');
    expect(verdict(url, {}, at(EXPIRES - 899))).toBe('allowed');
  });

  it('is in whole seconds, even if something else was signed', () => {
    expect(verdict(cannedWith(`${EXPIRES}`))).toBe('allowed');
    const odd = ['1e11', '-1', '+1800000000', '01800000000', '1800000000.0', '0x6b49d200', '', ' 1800000000', 'never'];
    for (const expires of odd) expect([expires, verdict(cannedWith(expires))]).toEqual([expires, 'MalformedPolicy']);
  });

  it('fits 31 bits, so milliseconds are rejected', () => {
    expect(verdict(cannedWith('2147483647'))).toBe('allowed');
    for (const expires of ['2147483648', `${EXPIRES}000`, '9'.repeat(20)]) {
      expect(verdict(cannedWith(expires))).toBe('MalformedPolicy');
    }
  });
});

describe('a canned policy', () => {
  it('is valid for one URL including its query', () => {
    const url = cannedUrl(`${FILE}?size=large&license=yes`);
    expect(verdict(url)).toBe('allowed');
    expect(verdict(url.replace('size=large&', ''))).toBe('AccessDenied');
    expect(verdict(url.replace('size=large&license=yes', 'license=yes&size=large'))).toBe('AccessDenied');
    expect(verdict(`${cannedUrl()}&size=large`)).toBe('AccessDenied');
  });

  it('allows its parameters in any order', () => {
    const [base = '', query = ''] = cannedUrl(`${FILE}?size=large`).split('?');
    expect(verdict(`${base}?${query.split('&').reverse().join('&')}`)).toBe('allowed');
  });

  it('is valid for one host and port', () => {
    for (const host of ['localhost:3100', '127.0.0.1', '127.0.0.1:3101']) {
      expect(verdict(cannedUrl(), { host })).toBe('AccessDenied');
    }
  });

  it('does not support wildcards', () => {
    const url = cannedUrl(`${ORIGIN}/media/sound/*`).replace('%2A', '*');
    expect(verdict(url.replace('/*?', '/0123456789abcdef0123456789abcdef.mp3?'))).toBe('AccessDenied');
  });

  it('cannot be forged by a host that contains the start of the path', () => {
    const { host, target } = viewerOf(cannedUrl());
    expect(verdict('', { host: `${host}/media`, target: target.replace('/media', '') })).toBe('AccessDenied');
  });
});

describe('a custom policy', () => {
  const prefix = policyText({ resource: `${ORIGIN}/media/sound/*`, expires: EXPIRES });

  it('is valid for all URLs that match its resource', () => {
    expect(verdict(customUrl(prefix))).toBe('allowed');
    expect(verdict(customUrl(prefix, `${ORIGIN}/media/sound/stream/720p/1.ts`))).toBe('allowed');
    expect(verdict(customUrl(prefix, `${ORIGIN}/media/vision/stream/720p/1.ts`))).toBe('AccessDenied');
  });

  it('is valid for every URL if it has no resource', () => {
    const everything = `{"Statement":[{"Condition":{"DateLessThan":{"AWS:EpochTime":${EXPIRES}}}}]}`;
    expect(verdict(customUrl(everything, `${ORIGIN}/media/anything`))).toBe('allowed');
  });

  it('cannot be forged by a host that contains a path', () => {
    const { target } = viewerOf(customUrl(prefix, `${ORIGIN}/media/vision/a.mp3`));
    for (const host of ['127.0.0.1:3100/media/sound', '127.0.0.1:3100/media/sound/?', 'a@127.0.0.1:3100', '']) {
      expect(verdict('', { host, target })).toBe('AccessDenied');
    }
  });

  it.each([
    ['192.0.2.0/24', '192.0.2.255', 'allowed'],
    ['192.0.2.0/24', '192.0.3.0', 'AccessDenied'],
    ['192.0.2.10/32', '192.0.2.10', 'allowed'],
    ['192.0.2.10/32', '192.0.2.11', 'AccessDenied'],
    ['192.0.2.10/32', '::ffff:192.0.2.10', 'allowed'],
    ['192.0.2.10/32', '::ffff:c000:20a', 'AccessDenied'],
    ['0.0.0.0/0', '203.0.113.9', 'allowed'],
    ['0.0.0.0/0', '2001:db8::1', 'AccessDenied'],
    ['0.0.0.0/0', '', 'AccessDenied'],
  ])('for addresses in %s, requested from %s: %s', (range, sourceAddress, expected) => {
    const condition = { IpAddress: { 'AWS:SourceIp': range } };
    const url = customUrl(policyText({ resource: FILE, expires: EXPIRES, condition }));
    expect(verdict(url, { sourceAddress })).toBe(expected);
  });

  it('is malformed if Expires is present', () => {
    expect(verdict(`${customUrl(plainPolicy)}&Expires=${EXPIRES}`)).toBe('MalformedPolicy');
  });

  it('is malformed if the signed text is not a policy', () => {
    expect(verdict(customUrl('{}'))).toBe('MalformedPolicy');
    expect(verdict(customUrl('not JSON'))).toBe('MalformedPolicy');
  });

  it('is not parsed if the signature is invalid', () => {
    expect(verdict(customUrl('{}').replace(/Signature=..../, 'Signature=AAAA'))).toBe('AccessDenied');
  });
});

describe('signed cookies', () => {
  const prefix = policyText({ resource: `${ORIGIN}/media/sound/*`, expires: EXPIRES });
  const cookies = getSignedCookies({ ...signing, policy: prefix });
  const cookie = cookieHeader(cookies);

  it('authorize a request like a signed URL', () => {
    expect(verdict(FILE, { cookie })).toBe('allowed');
    expect(verdict(`${FILE}?size=large`, { cookie })).toBe('allowed');
    expect(verdict(`${ORIGIN}/media/vision/1.ts`, { cookie })).toBe('AccessDenied');
    expect(verdict(FILE, { cookie }, new Date(EXPIRES * 1000))).toBe('AccessDenied');
  });

  it('can have a canned policy and a SHA-1 signature', () => {
    const canned = getSignedCookies({
      ...signing,
      algorithm: 'SHA1',
      url: `${FILE}?size=large`,
      dateLessThan: new Date(EXPIRES * 1000),
    });
    expect(verdict(`${FILE}?size=large`, { cookie: cookieHeader(canned) })).toBe('allowed');
    expect(verdict(FILE, { cookie: cookieHeader(canned) })).toBe('AccessDenied');
  });

  it('can come among other cookies', () => {
    expect(verdict(FILE, { cookie: `a=b;${cookie};theme="dark"; =; c` })).toBe('allowed');
  });

  it('are ignored if the URL has any signing parameter', () => {
    for (const parameter of ['Policy', 'Expires', 'Signature', 'Hash-Algorithm']) {
      expect(verdict(`${FILE}?${parameter}=x`, { cookie })).toBe('MissingKey');
    }
    expect(verdict(`${FILE}?Key-Pair-Id=${keyPair.id}`, { cookie })).toBe('MalformedPolicy');
    expect(verdict(cannedUrl(), { cookie: cookieHeader({ ...cookies, 'CloudFront-Signature': 'AAAA' }) })).toBe(
      'allowed',
    );
  });

  it('do not supply parameters that a URL lacks', () => {
    const url = cannedUrl().replace(/&Key-Pair-Id=[^&]*/, '');
    expect(verdict(url, { cookie })).toBe('MissingKey');
  });

  it('have case-sensitive names and must not be repeated', () => {
    expect(verdict(FILE, { cookie: cookie.replaceAll('CloudFront-', 'cloudfront-') })).toBe('MissingKey');
    expect(verdict(FILE, { cookie: cookie.replaceAll('CloudFront-', '') })).toBe('MissingKey');
    for (const name of Object.keys(cookies)) {
      const again = cookieHeader({ [name]: cookies[name as keyof typeof cookies] });
      expect(verdict(FILE, { cookie: `${cookie}; ${again}` })).toBe('AccessDenied');
    }
  });
});

describe('a tampered request', () => {
  const custom = customUrl(plainPolicy);

  it.each(['Expires', 'Policy', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm'])(
    'is refused if %s is repeated, with the same value or another',
    (name) => {
      const url = name === 'Policy' ? custom : cannedUrl();
      const [parameter = ''] = new RegExp(`${name}=[^&]*`).exec(url) ?? [];
      for (const more of [parameter, `${name}=x`, name]) {
        expect(verdict(`${url}&${more}`)).toBe('AccessDenied');
        expect(verdict(url.replace('?', `?${more}&`))).toBe('AccessDenied');
      }
    },
  );

  it('is refused if the base64 is written in another way', () => {
    const standard = (text: string) => text.replaceAll('-', '+').replaceAll('~', '/').replaceAll('_', '=');
    const spellings: ((text: string) => string)[] = [
      standard,
      encodeURIComponent,
      (text) => text.replace(/_+$/, ''),
      (text) => `${text}_`,
      (text) => `${text}!`,
      (text) => `${text}%0A`,
      (text) => text.replace(/./, ' $&'),
    ];
    for (const name of ['Policy', 'Signature']) {
      const [, value = ''] = new RegExp(`${name}=([^&]*)`).exec(custom) ?? [];
      for (const spell of spellings) {
        if (spell(value) !== value) expect(verdict(custom.replace(value, spell(value)))).not.toBe('allowed');
      }
    }
  });

  it('is refused if the last base64 character has unused bits set', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-~';
    const [, signature = ''] = /Signature=([^&]*)/.exec(custom) ?? [];
    expect(signature).toMatch(/[^_]__$/);
    const last = alphabet.indexOf(signature.at(-3) ?? '');
    for (let stray = 1; stray < 16; stray += 1) {
      const spelt = `${signature.slice(0, -3)}${alphabet[last + stray]}__`;
      expect(verdict(custom.replace(signature, spelt))).toBe('AccessDenied');
    }
  });

  it.each([
    ['a canned policy', cannedUrl(`${FILE}?size=large`)],
    ['a custom policy', custom],
  ])('is refused if any byte of the URL is replaced, removed or inserted: %s', (_kind, url) => {
    const { host, target } = viewerOf(url);
    const place = fc.nat({ max: target.length });
    const byte = fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(place, byte, fc.constantFrom('replace', 'remove', 'insert'), (index, put, how) => {
        const rest = target.slice(how === 'insert' ? index : index + 1);
        const altered = target.slice(0, index) + (how === 'remove' ? '' : put) + rest;
        fc.pre(altered !== target);
        expect(verdict('', { host, target: altered })).not.toBe('allowed');
      }),
      { numRuns: 3000 },
    );
  });

  it('is refused if any bit of the signature is flipped', () => {
    const [, signature = ''] = /Signature=([^&]*)/.exec(custom) ?? [];
    const standard = signature.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
    fc.assert(
      fc.property(fc.nat({ max: 256 * 8 - 1 }), (bit) => {
        const bytes = Buffer.from(standard, 'base64');
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        expect(verdict(custom.replace(signature, urlSafe(bytes)))).toBe('AccessDenied');
      }),
    );
  });

  it('is refused if any byte of its cookies is replaced', () => {
    const cookie = cookieHeader(getSignedCookies({ ...signing, policy: plainPolicy }));
    const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
    fc.assert(
      fc.property(fc.nat({ max: cookie.length - 1 }), printable, (index, put) => {
        // White space between cookies has no meaning.
        fc.pre(cookie[index] !== put && cookie[index] !== ' ');
        expect(verdict(FILE, { cookie: cookie.slice(0, index) + put + cookie.slice(index + 1) })).not.toBe('allowed');
      }),
      { numRuns: 2000 },
    );
  });

  it('is never allowed with arbitrary values in the query or cookies', () => {
    const field = fc.constantFrom('Policy', 'Expires', 'Signature', 'Key-Pair-Id', 'Hash-Algorithm', 'own');
    const value = fc.oneof(fc.string(), fc.base64String(), fc.constantFrom(keyPair.id, `${EXPIRES}`, 'SHA256', ''));
    const pairs = fc.array(fc.tuple(field, value), { maxLength: 8 });
    fc.assert(
      fc.property(pairs, pairs, (query, cookies) => {
        const target = `/a?${query.map(([name, text]) => `${name}=${text}`).join('&')}`;
        const cookie = cookies.map(([name, text]) => `CloudFront-${name}=${text}`).join('; ');
        expect(verdict('', { host: '127.0.0.1:3100', target, cookie })).not.toBe('allowed');
      }),
      { numRuns: 1000 },
    );
  });
});
