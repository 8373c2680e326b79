import { once } from 'node:events';
import {
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  realpath,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { getSignedCookies, getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { type Cdn, startCdn } from '../../local/cdn/cdn.ts';
import { createMediaKeyPair } from '../support/keys/media-keys.ts';
import { cookieHeader, policyText } from '../support/media/cdn-viewer.ts';

const NAME = '0123456789abcdef0123456789abcdef';
const OTHER = 'fedcba9876543210fedcba9876543210';
const EXPIRES = 1_800_000_000;
const MODIFIED = new Date('2026-11-25T10:00:00Z');
const APP = 'https://learn.example';

const SOUND = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
const LARGE_BYTES = 32 * 1024 * 1024;

const keyPair = createMediaKeyPair('K2JCJMDEHXQW5F');
const trustedKeys = new Map([[keyPair.id, keyPair.publicKey]]);

let mediaDir: string;
let cdn: Cdn;
let now = new Date((EXPIRES - 600) * 1000);

beforeAll(async () => {
  const folder = await realpath(await mkdtemp(path.join(os.tmpdir(), 'lectern-cdn-')));
  mediaDir = path.join(folder, 'media-store');
  await writeMedia('media/sound', `${NAME}.mp3`, SOUND);
  await writeMedia('media/sound', `${OTHER}.mp4`, Buffer.alloc(LARGE_BYTES, 'x'));
  await writeMedia(`media/sound/${NAME}/720p`, 'segment 1.ts', SOUND);
  for (const name of ['master.m3u8', 'init.mp4', '1.m4s', '1.aac', '1.vtt']) {
    await writeMedia(`media/sound/${NAME}`, name, SOUND);
  }
  for (const extension of ['png', 'vtt', 'txt', 'json', 'exe', 'png.tmp']) {
    await writeMedia('courses/sound', `${NAME}.${extension}`, Buffer.from(extension));
  }
  await writeFile(path.join(folder, 'secret.txt'), 'secret');
  await symlink(path.join(folder, 'secret.txt'), path.join(mediaDir, 'courses/sound', `${OTHER}.txt`));
  await symlink(folder, path.join(mediaDir, 'courses/elsewhere'));
  cdn = await startCdn({ mediaDir, port: 0, trustedKeys, now: () => now });
});

afterAll(async () => {
  await cdn.close();
  await rm(path.dirname(mediaDir), { recursive: true });
});

async function writeMedia(folder: string, name: string, content: Buffer): Promise<void> {
  await mkdir(path.join(mediaDir, folder), { recursive: true });
  const file = path.join(mediaDir, folder, name);
  await writeFile(file, content);
  await utimes(file, MODIFIED, MODIFIED);
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Sends a request with the path unchanged, and with no header added but Host. */
async function send(url: string, headers: IncomingHttpHeaders = {}, method = 'GET'): Promise<Answer> {
  const incoming = await open(url, headers, method);
  return { status: incoming.statusCode, headers: incoming.headers, body: await buffer(incoming) };
}

async function open(url: string, headers: IncomingHttpHeaders = {}, method = 'GET'): Promise<IncomingMessage> {
  const { hostname, port } = new URL(cdn.url);
  const target = url.startsWith(cdn.url) ? url.slice(cdn.url.length) : url;
  const outgoing = request({ hostname, port, path: target, method, headers, agent: false }).end();
  const [incoming] = await once(outgoing, 'response');
  return incoming;
}

const signing = { keyPairId: keyPair.id, privateKey: keyPair.privateKey, algorithm: 'SHA256' } as const;
const signed = (key: string) =>
  getSignedUrl({ ...signing, url: `${cdn.url}/${key}`, dateLessThan: new Date(EXPIRES * 1000) });

const sound = () => signed(`media/sound/${NAME}.mp3`);
const expiredSound = () => getSignedUrl({ ...signing, url: `${cdn.url}/media/sound/${NAME}.mp3`, dateLessThan: now });
const publicFile = (extension: string) => `/courses/sound/${NAME}.${extension}`;

const refusalBody = (code: string, message: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;

describe('a public file', () => {
  it.each([
    ['png', 'image/png'],
    ['vtt', 'text/vtt'],
    ['txt', 'text/plain; charset=utf-8'],
    ['json', 'application/json+chapters'],
  ])('is served with its content type and can be cached forever: %s', async (extension, contentType) => {
    const { status, headers, body } = await send(publicFile(extension));
    expect([status, body.toString()]).toEqual([200, extension]);
    expect(headers).toMatchObject({
      'content-type': contentType,
      'content-length': `${extension.length}`,
      'cache-control': 'public, max-age=31536000, immutable',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      'last-modified': MODIFIED.toUTCString(),
      etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    });
  });

  it('is served with any query', async () => {
    expect((await send(`${publicFile('png')}?v=2&Signature=none`)).status).toBe(200);
  });
});

describe('a signed file', () => {
  it('is served to a signed URL, and cached only briefly', async () => {
    const { status, headers, body } = await send(sound());
    expect([status, body]).toEqual([200, SOUND]);
    expect(headers).toMatchObject({ 'content-type': 'audio/mpeg', 'cache-control': 'private, max-age=900' });
  });

  it.each([
    ['master.m3u8', 'application/vnd.apple.mpegurl'],
    ['init.mp4', 'video/mp4'],
    ['1.m4s', 'video/iso.segment'],
    ['1.aac', 'audio/aac'],
    ['1.vtt', 'text/vtt'],
    ['720p/segment%201.ts', 'video/mp2t'],
  ])('is served to signed cookies, each part of a stream with its content type: %s', async (part, contentType) => {
    const policy = policyText({ resource: `${cdn.url}/media/sound/${NAME}/*`, expires: EXPIRES });
    const cookie = cookieHeader(getSignedCookies({ ...signing, policy }));
    const { status, headers, body } = await send(`/media/sound/${NAME}/${part}`, { cookie });
    expect([status, headers['content-type'], body]).toEqual([200, contentType, SOUND]);
    expect((await send(`/media/sound/${NAME}.mp3`, { cookie })).status).toBe(403);
  });

  it('is refused without a signature, as by CloudFront', async () => {
    const { status, headers, body } = await send(`/media/sound/${NAME}.mp3`);
    expect([status, body.toString()]).toEqual([
      403,
      refusalBody('MissingKey', 'Missing Key-Pair-Id query parameter or cookie value'),
    ]);
    expect(headers).toMatchObject({
      server: 'CloudFront',
      'content-type': 'text/xml',
      'content-length': '146',
      'x-cache': 'Error from cloudfront',
    });
    expect(headers['cache-control']).toBeUndefined();
  });

  it('is refused with what is wrong with the signature', async () => {
    const unknown = await send(sound().replace(keyPair.id, 'K1STRANGER'));
    expect([unknown.status, unknown.body.toString()]).toEqual([403, refusalBody('InvalidKey', 'Unknown Key')]);
    const altered = await send(sound().replace(`${EXPIRES}`, `${EXPIRES + 1}`));
    expect([altered.status, altered.body.toString()]).toEqual([403, refusalBody('AccessDenied', 'Access denied')]);
    const malformed = await send(sound().replace(/Expires=\d+&/, ''));
    expect([malformed.status, malformed.body.toString()]).toEqual([
      403,
      refusalBody('MalformedPolicy', 'Malformed Policy'),
    ]);
  });

  it('is served only for the signed host', async () => {
    expect((await send(sound(), { host: 'localhost:3100' })).status).toBe(403);
    const { host } = new URL(cdn.url);
    expect((await send(sound().replace('/media', ''), { host: `${host}/media` })).status).toBe(403);
  });

  it('is served only to the addresses of the policy', async () => {
    for (const [range, status] of [
      ['127.0.0.1/32', 200],
      ['192.0.2.0/24', 403],
    ] as const) {
      const url = `${cdn.url}/media/sound/${NAME}.mp3`;
      const condition = { IpAddress: { 'AWS:SourceIp': range } };
      const policy = policyText({ resource: url, expires: EXPIRES, condition });
      const forwarded = { 'x-forwarded-for': '192.0.2.1' };
      expect((await send(getSignedUrl({ ...signing, url, policy }), forwarded)).status).toBe(status);
    }
  });

  it('is refused after the signature expires, even a range, while a download in progress continues', async () => {
    const url = signed(`media/sound/${OTHER}.mp4`);
    const before = now;
    const download = await open(url);
    try {
      now = new Date(EXPIRES * 1000);
      expect((await send(url, { range: 'bytes=0-9' })).status).toBe(403);
      expect((await buffer(download)).length).toBe(LARGE_BYTES);
    } finally {
      now = before;
    }
  });

  it('is refused to everyone if there are no trusted keys', async () => {
    const without = await startCdn({ mediaDir, port: 0, trustedKeys: new Map() });
    const url = getSignedUrl({ ...signing, url: `${without.url}/media/sound/${NAME}.mp3`, dateLessThan: '2037-01-01' });
    expect((await fetch(url)).status).toBe(403);
    expect((await fetch(without.url + publicFile('png'))).status).toBe(200);
    await without.close();
  });

  it('needs valid trusted keys, or the CDN does not start', async () => {
    await expect(startCdn({ mediaDir, port: 0, trustedKeys: new Map([['K1', 'key']]) })).rejects.toThrow('K1');
  });
});

describe('a missing file', () => {
  const absent = refusalBody('AccessDenied', 'Access Denied');

  it.each([
    ['a file', `/courses/sound/${OTHER}.png`],
    ['a folder', '/courses/sound'],
    ['a folder with a slash', '/courses/sound/'],
    ['the root folder', '/courses/'],
    ['a type that is never stored', publicFile('exe')],
    ['a file that is still being copied', publicFile('png.tmp')],
    ['a symbolic link', `/courses/sound/${OTHER}.txt`],
    ['a path through a symbolic link', '/courses/elsewhere/secret.txt'],
    ['a path with ..', '/courses/../../secret.txt'],
    ['a path with encoded dots', '/courses/%2e%2e/%2e%2e/secret.txt'],
    ['a path with .. and encoded slashes', '/courses/..%2f..%2fsecret.txt'],
    ['a path with .. and encoded backslashes', '/courses/..%5c..%5csecret.txt'],
    ['a path with .. to a signed file', `/courses/../media/sound/${NAME}.mp3`],
    ['the same, encoded', `/courses/%2e%2e/media/sound/${NAME}.mp3`],
    ['a name with a NUL', `${publicFile('txt')}%00.png`],
    ['a name with malformed percent-encoding', '/courses/%zz'],
    ['a name that is too long for a file', `/courses/${'a'.repeat(4000)}.png`],
    ['a name in a different case', publicFile('png').replace('/sound/', '/Sound/')],
  ])('is forbidden, since the bucket cannot be listed: %s', async (_label, target) => {
    const { status, headers, body } = await send(target);
    expect([status, body.toString()]).toEqual([403, absent]);
    expect(headers).toMatchObject({ 'content-type': 'application/xml', server: 'AmazonS3' });
  });

  it.each(['', '/', '/../secret.txt', '//courses/sound', `/media/sound/${OTHER}.mp3`, '/Courses/a.png', '*'])(
    'requires a signature all the same: %j',
    async (target) => {
      expect((await send(target)).body.toString()).toContain('<Code>MissingKey</Code>');
    },
  );

  it('is forbidden with a signature', async () => {
    expect((await send(signed(`media/sound/${'0'.repeat(32)}.mp3`))).body.toString()).toBe(absent);
    const policy = policyText({ resource: '*', expires: EXPIRES });
    for (const target of ['/../secret.txt', '/media/../../secret.txt', '/media/%2e%2e/%2e%2e/secret.txt', '/media']) {
      const [, query = ''] = getSignedUrl({ ...signing, url: cdn.url, policy }).split('?');
      const { status, body } = await send(`${target}?${query}`);
      expect([status, body.toString()]).toEqual([403, absent]);
    }
  });

  it('is forbidden for an absolute target', async () => {
    expect((await send(`http://other.example${publicFile('png')}`)).status).toBe(403);
  });
});

describe('a range of a file', () => {
  const part = async (range: string, headers: IncomingHttpHeaders = {}) => send(sound(), { range, ...headers });

  it.each([
    ['bytes=0-99', 0, 99],
    ['bytes=900-', 900, 999],
    ['bytes=-500', 500, 999],
    ['bytes=990-2000', 990, 999],
  ])('is sent for %s', async (range, first, last) => {
    const { status, headers, body } = await part(range);
    expect([status, body]).toEqual([206, SOUND.subarray(first, last + 1)]);
    expect(headers).toMatchObject({
      'content-range': `bytes ${first}-${last}/1000`,
      'content-length': `${last - first + 1}`,
      'content-type': 'audio/mpeg',
      etag: expect.any(String),
    });
  });

  it('can have several parts', async () => {
    const { status, headers, body } = await part('bytes=0-9,500-509,-10');
    const [, boundary = ''] = /^multipart\/byteranges; boundary=(\S+)$/.exec(headers['content-type'] ?? '') ?? [];
    expect([status, headers['content-length'], headers['content-range']]).toEqual([206, `${body.length}`, undefined]);
    const expected = [
      [0, 9],
      [500, 509],
      [990, 999],
    ].map(([first = 0, last = 0]) =>
      Buffer.concat([
        Buffer.from(
          `\r\n--${boundary}\r\nContent-Type: audio/mpeg\r\nContent-Range: bytes ${first}-${last}/1000\r\n\r\n`,
        ),
        SOUND.subarray(first, last + 1),
      ]),
    );
    expect(body).toEqual(Buffer.concat([...expected, Buffer.from(`\r\n--${boundary}--\r\n`)]));
  });

  it('beyond the end is answered with the size of the file', async () => {
    const { status, headers, body } = await part('bytes=1000-');
    expect([status, headers['content-range'], headers['cache-control']]).toEqual([416, 'bytes */1000', undefined]);
    expect(body.toString()).toContain('<Code>InvalidRange</Code>');
  });

  it.each(['bytes=abc', 'bytes=500-600,100-200', 'lines=1-2', 'bytes=5-1'])(
    'is the whole file for %s',
    async (range) => {
      const { status, body } = await part(range);
      expect([status, body.length]).toEqual([200, 1000]);
    },
  );

  it('is the whole file if there are too many ranges', async () => {
    const many = Array.from({ length: 2000 }, (_, index) => `${index}-${index}`);
    const { status, body } = await part(`bytes=${many.join()}`);
    expect([status, body.length]).toEqual([200, 1000]);
  });

  it('is sent only if If-Range matches', async () => {
    const { etag = '', 'last-modified': modified = '' } = (await send(sound())).headers;
    const statusFor = async (state: string) => (await part('bytes=0-9', { 'if-range': state })).status;
    expect([await statusFor(etag), await statusFor(modified)]).toEqual([206, 206]);
    const others = [`W/${etag}`, etag.slice(1, -1), '"other"', 'Wed, 25 Nov 2026 10:00:01 GMT', 'yesterday'];
    for (const other of others) expect(await statusFor(other)).toBe(200);
  });

  it('is ignored for HEAD', async () => {
    const { status, headers, body } = await send(sound(), { range: 'bytes=0-9' }, 'HEAD');
    expect([status, headers['content-length'], headers['accept-ranges'], body.length]).toEqual([
      200,
      '1000',
      'bytes',
      0,
    ]);
  });
});

describe('a file that the client has', () => {
  it('is not sent again, by its tag or its date', async () => {
    const { etag = '', 'last-modified': modified } = (await send(sound())).headers;
    const conditions: IncomingHttpHeaders[] = [
      { 'if-none-match': etag },
      { 'if-none-match': `"other", W/${etag}` },
      { 'if-none-match': '*' },
      { 'if-modified-since': modified },
      { 'if-none-match': etag, range: 'bytes=0-9' },
    ];
    for (const condition of conditions) {
      const { status, headers, body } = await send(sound(), condition);
      expect([status, headers.etag, body.length]).toEqual([304, etag, 0]);
    }
  });

  it('is sent if it has changed, or if the validator is invalid', async () => {
    const { 'last-modified': modified } = (await send(sound())).headers;
    const conditions: IncomingHttpHeaders[] = [
      { 'if-none-match': '"other"' },
      { 'if-none-match': '"other"', 'if-modified-since': modified },
      { 'if-modified-since': 'Wed, 25 Nov 2026 09:59:59 GMT' },
      { 'if-modified-since': 'never' },
    ];
    for (const condition of conditions) expect((await send(sound(), condition)).status).toBe(200);
  });

  it('is not revealed to unauthorized clients', async () => {
    expect((await send(`/media/sound/${NAME}.mp3`, { 'if-none-match': '*' })).status).toBe(403);
  });

  it('has a different tag for each file', async () => {
    const tags = await Promise.all(
      ['png', 'vtt', 'txt'].map(async (type) => (await send(publicFile(type))).headers.etag),
    );
    expect(new Set(tags).size).toBe(3);
  });
});

describe('requests from pages of other origins', () => {
  const preflight = (target: string, origin = APP) =>
    send(
      target,
      { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'range' },
      'OPTIONS',
    );

  it('are allowed, with the headers that players need', async () => {
    const { status, headers } = await preflight(`/media/sound/${NAME}.mp3`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      'access-control-allow-headers': expect.stringContaining('Range'),
      'access-control-max-age': '600',
    });
    expect((await send(sound(), { origin: APP })).headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Accept-Ranges, Content-Length, Content-Range, ETag',
    });
  });

  it.each([
    ['a missing file', () => send(signed(`media/sound/${'0'.repeat(32)}.mp3`), { origin: APP }), 403],
    ['a range beyond the end', () => send(sound(), { origin: APP, range: 'bytes=1000-' }), 416],
  ])('can read an error of the bucket: %s', async (_, ask, expected) => {
    const { status, headers } = await ask();
    expect([status, headers['access-control-allow-origin']]).toEqual([expected, '*']);
  });

  it.each([
    ['a missing signature', () => send(`/media/sound/${NAME}.mp3`, { origin: APP }), 403],
    ['an expired signature', () => send(expiredSound(), { origin: APP }), 403],
    ['a method that is not allowed', () => send(publicFile('png'), { origin: APP }, 'POST'), 403],
    ['a URL that is too long', () => send(`${publicFile('png')}?${'a'.repeat(8192)}`, { origin: APP }), 413],
  ])('cannot read an answer of CloudFront itself: %s', async (_, ask, expected) => {
    const { status, headers } = await ask();
    expect(status).toBe(expected);
    for (const name of Object.keys(headers)) expect(name).not.toMatch(/^access-control-|^vary$/);
  });

  describe('with a list of allowed origins', () => {
    let open: Cdn;
    beforeAll(async () => {
      open = cdn;
      cdn = await startCdn({ mediaDir, port: 0, trustedKeys, allowedOrigins: [APP], now: () => now });
    });
    afterAll(async () => {
      await cdn.close();
      cdn = open;
    });

    it('are allowed with cookies from these origins', async () => {
      for (const { headers } of [await send(sound(), { origin: APP }), await preflight(`/media/sound/${NAME}.mp3`)]) {
        expect(headers).toMatchObject({
          'access-control-allow-origin': APP,
          'access-control-allow-credentials': 'true',
          vary: 'Origin',
        });
      }
    });

    it.each(['https://evil.example', `${APP}.evil.example`, 'null', undefined])(
      'are not allowed from %s',
      async (origin) => {
        const { status, headers } = await send(sound(), origin === undefined ? {} : { origin });
        expect([status, headers.vary]).toEqual([200, 'Origin']);
        expect(headers).not.toHaveProperty('access-control-allow-origin');
        if (origin !== undefined) {
          expect((await preflight(`/media/sound/${NAME}.mp3`, origin)).headers).not.toHaveProperty(
            'access-control-allow-methods',
          );
        }
      },
    );

    it('can read public files from any origin', async () => {
      const { headers } = await send(publicFile('png'), { origin: 'https://other.example' });
      expect(headers['access-control-allow-origin']).toBe('*');
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    });
  });
});

describe('the CDN server', () => {
  it('sends only the headers for HEAD', async () => {
    const got = await send(publicFile('png'));
    const head = await send(publicFile('png'), {}, 'HEAD');
    expect([head.status, head.body.length]).toEqual([200, 0]);
    const { date: _, ...headers } = got.headers;
    expect(head.headers).toMatchObject(headers);
    const refused = await send(`/media/sound/${NAME}.mp3`, {}, 'HEAD');
    expect([refused.status, refused.headers['content-length'], refused.body.length]).toEqual([403, '146', 0]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'PROPFIND'])('does not allow %s', async (method) => {
    const { status, body } = await send(publicFile('png'), {}, method);
    expect(status).toBe(403);
    expect(body.toString()).toContain('not configured to allow the HTTP request method');
  });

  it('accepts URLs of up to 8,192 bytes', async () => {
    const url = `${publicFile('png')}?`;
    const room = 8192 - cdn.url.length - url.length;
    expect((await send(url + 'x'.repeat(room))).status).toBe(200);
    expect((await send(url + 'x'.repeat(room + 1))).status).toBe(413);
  });

  it('accepts requests of up to 20,480 bytes, and survives longer ones', async () => {
    expect((await send(publicFile('png'), { range: `bytes=0-${'0'.repeat(19_000)}` })).status).toBe(206);
    expect((await send(publicFile('png'), { range: `bytes=0-${'0'.repeat(30_000)}` })).status).toBe(413);
  });

  it.each([
    'NONSENSE\r\n\r\n',
    'GET /courses/a.png HTTP/1.1\r\nBad Header\r\n\r\n',
    'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n',
  ])('answers 400 to the malformed request %j and keeps running', async (malformed) => {
    const socket = connect(Number(new URL(cdn.url).port), '127.0.0.1');
    socket.end(malformed);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await send(publicFile('png'))).status).toBe(200);
  });

  it('breaks the connection if a file becomes shorter, and keeps running', async () => {
    const file = path.join(mediaDir, 'courses/sound', `${OTHER}.mp4`);
    await writeMedia('courses/sound', `${OTHER}.mp4`, Buffer.alloc(LARGE_BYTES));
    const download = await open(`/courses/sound/${OTHER}.mp4`);
    await truncate(file, 1);
    await expect(buffer(download)).rejects.toThrow('aborted');
    expect((await send(publicFile('png'))).status).toBe(200);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('closes the file when a client goes away', async () => {
    const url = signed(`media/sound/${OTHER}.mp4`);
    const downloads = await Promise.all(Array.from({ length: 8 }, () => open(url)));
    expect(await openFiles(`${OTHER}.mp4`)).toBe(8);
    for (const download of downloads) download.destroy();
    while ((await openFiles(`${OTHER}.mp4`)) > 0) await new Promise(setImmediate);
    expect((await send(sound())).status).toBe(200);
  });
});

/** Counts this process's open handles of files with this name. */
async function openFiles(name: string): Promise<number> {
  const handles = await readdir('/proc/self/fd');
  const targets = await Promise.all(handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')));
  return targets.filter((target) => target.endsWith(name)).length;
}
