import fc from 'fast-check';
import { behaviourFor } from '../../../local/cdn/behaviour.ts';
import { objectKeyFor } from '../../../local/cdn/file/object-key.ts';
import { contentTypeOf } from '../../../publishing/recording/file-format.ts';

describe('the object key of a path', () => {
  it.each([
    ['/courses/sound/0123456789abcdef0123456789abcdef.png', 'courses/sound/0123456789abcdef0123456789abcdef.png'],
    ['/media/sound/fedcba/720p/segment%201.ts', 'media/sound/fedcba/720p/segment 1.ts'],
    ['/media/sound/%C3%A9t%C3%A9.mp3', 'media/sound/été.mp3'],
    ['/media/a+b', 'media/a+b'],
  ])('%s: %s', (path, key) => {
    expect(objectKeyFor(path)).toBe(key);
  });

  it.each([
    '',
    '/',
    'media/a',
    '*',
    'http://127.0.0.1/media/a',
    '/media/',
    '/media//a',
    '//media/a',
    '/media/./a',
    '/media/../a',
    '/media/%2e%2e/a',
    '/media/.%2E/a',
    '/media/..%2fa',
    '/media/%2Fetc',
    '/media/..%5ca',
    '/media/..\\a',
    '/media/a%00.mp3',
    '/media/a%0d%0aX: y',
    '/media/a%7f',
    '/media/%',
    '/media/%zz',
    '/media/%ff',
    '/media/%c0%ae%c0%ae/a',
  ])('is null for %j', (path) => {
    expect(objectKeyFor(path)).toBeNull();
  });

  it('never leads outside of the folder', () => {
    const segment = fc.oneof(fc.constantFrom('..', '.', '', '%2e', '%2f', '%5c', '%00', '%252e', 'a'), fc.string());
    fc.assert(
      fc.property(fc.array(segment), (segments) => {
        const key = objectKeyFor(`/${segments.join('/')}`);
        if (key !== null) expect(key).not.toMatch(/(^|\/)\.{0,2}(\/|$)|\\|\0/);
      }),
    );
  });
});

describe('the behaviour for a path', () => {
  it('requires no signature below courses/', () => {
    expect(behaviourFor('/courses/sound/a.png').needsSignature).toBe(false);
  });

  it.each([
    '/',
    '/courses',
    '/Courses/a.png',
    '/%63ourses/a.png',
    '//courses/a.png',
    '/courses%2Fa.png',
    '/media/a.mp3',
  ])('requires a signature for %s', (path) => {
    expect(behaviourFor(path).needsSignature).toBe(true);
  });
});

describe('the content type of a stored file', () => {
  it('follows from its extension, and is null for other extensions', () => {
    expect(['a/b.m3u8', 'a.ts', 'a.m4s', 'a.vtt'].map(contentTypeOf)).toEqual([
      'application/vnd.apple.mpegurl',
      'video/mp2t',
      'video/iso.segment',
      'text/vtt',
    ]);
    for (const key of ['a', 'a.', 'a.exe', 'a.mp3.tmp', 'a.MP3', 'a.mp3/', 'a.constructor']) {
      expect(contentTypeOf(key)).toBeNull();
    }
  });
});
