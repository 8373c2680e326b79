import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkSignature } from '../../../local/cdn/signature/signature-check.ts';
import { readTrustedKeys } from '../../../local/cdn/signature/trusted-keys.ts';
import { describeWith, runPython, toolPath } from '../../support/jest/programs.ts';
import { createMediaKeyPair } from '../../support/keys/media-keys.ts';
import { policyText, viewerOf } from '../../support/media/cdn-viewer.ts';

/* What programs that share no code with Lectern sign: openssl as AWS documents it, and botocore with cryptography. */

const SIGN = path.resolve(import.meta.dirname, '../../support/fixtures/cdn/sign.py');

const EXPIRES = 1_800_000_000;
const keyPair = createMediaKeyPair('K2JCJMDEHXQW5F');
const keys = readTrustedKeys(new Map([[keyPair.id, keyPair.publicKey]]));

const FILE = 'http://127.0.0.1:3100/media/sound/0123456789abcdef0123456789abcdef.mp3';
const STREAM = 'http://127.0.0.1:3100/media/sound/fedcba9876543210fedcba9876543210';
const STREAM_POLICY = policyText({
  resource: `${STREAM}/*`,
  expires: EXPIRES,
  condition: { IpAddress: { 'AWS:SourceIp': '192.0.2.0/24' }, DateGreaterThan: { 'AWS:EpochTime': EXPIRES - 900 } },
});

const at = (seconds: number) => new Date(seconds * 1000);
const verdict = (url: string, now = at(EXPIRES - 1), more = {}) => checkSignature(viewerOf(url, more), keys, now);

function itIsCheckedLikeOurs(signed: () => { readonly canned: string; readonly custom: string }): void {
  it('accepts a canned policy until the second it expires', () => {
    expect(verdict(signed().canned)).toBe('allowed');
    expect(verdict(signed().canned, at(EXPIRES))).toBe('AccessDenied');
  });

  it('refuses a canned policy for another file or another expiry', () => {
    expect(verdict(signed().canned.replace('/sound/', '/vision/'))).toBe('AccessDenied');
    expect(verdict(signed().canned.replace(`${EXPIRES}`, `${EXPIRES + 1}`))).toBe('AccessDenied');
  });

  it('accepts a custom policy within its time, addresses and prefix', () => {
    expect(verdict(signed().custom)).toBe('allowed');
    expect(verdict(signed().custom.replace('/master.m3u8?', '/720p/segment-1.ts?'))).toBe('allowed');
    expect(verdict(signed().custom, at(EXPIRES))).toBe('AccessDenied');
    expect(verdict(signed().custom, at(EXPIRES - 900))).toBe('AccessDenied');
    expect(verdict(signed().custom, at(EXPIRES - 1), { sourceAddress: '192.0.3.1' })).toBe('AccessDenied');
    expect(verdict(signed().custom.replace('/fedcba', '/0edcba'))).toBe('AccessDenied');
  });
}

describeWith(['openssl'], 'a signature made by openssl', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'lectern-cdn-'));
    writeFileSync(path.join(folder, 'private-key.pem'), keyPair.privateKey);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const openssl = (args: readonly string[], input: Buffer | string) =>
    execFileSync(toolPath('openssl'), args, { input, cwd: folder });
  const encoded = (bytes: Buffer | string) =>
    openssl(['base64', '-A'], bytes).toString().replaceAll('+', '-').replaceAll('=', '_').replaceAll('/', '~');

  describe.each(['sha1', 'sha256'])('with %s', (digest) => {
    function sign(url: string, field: string, policy: string): string {
      const signature = encoded(openssl(['dgst', `-${digest}`, '-sign', 'private-key.pem'], policy));
      const algorithm = digest === 'sha256' ? '&Hash-Algorithm=SHA256' : '';
      return `${url}?${field}&Signature=${signature}&Key-Pair-Id=${keyPair.id}${algorithm}`;
    }

    itIsCheckedLikeOurs(() => ({
      canned: sign(
        FILE,
        `Expires=${EXPIRES}`,
        `{"Statement":[{"Resource":"${FILE}","Condition":{"DateLessThan":{"AWS:EpochTime":${EXPIRES}}}}]}`,
      ),
      custom: sign(`${STREAM}/master.m3u8`, `Policy=${encoded(STREAM_POLICY)}`, STREAM_POLICY),
    }));
  });
});

describeWith(['python'], 'a signature made by botocore and cryptography', () => {
  describe.each(['SHA1', 'SHA256'])('with %s', (algorithm) => {
    let [canned, custom, withQuery] = ['', '', ''];
    beforeAll(async () => {
      const request = { algorithm, keyPairId: keyPair.id, expires: EXPIRES };
      const requests = [
        { ...request, url: FILE },
        { ...request, url: `${STREAM}/master.m3u8`, policy: STREAM_POLICY },
        { ...request, url: `${FILE}?size=large&license=yes` },
      ];
      const urls = await runPython(SIGN, JSON.stringify({ privateKey: keyPair.privateKey, requests }));
      [canned, custom, withQuery] = urls as [string, string, string];
    });

    itIsCheckedLikeOurs(() => ({ canned, custom }));

    it('covers the query of the URL', () => {
      expect(withQuery).toContain('?size=large&license=yes&Expires=');
      expect(verdict(withQuery)).toBe('allowed');
      expect(verdict(withQuery.replace('size=large', 'size=small'))).toBe('AccessDenied');
    });
  });
});
