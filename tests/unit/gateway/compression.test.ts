import { gunzipSync, inflateSync } from 'node:zlib';
import type { Answer } from '../../../local/gateway/response/answer.ts';
import { compressed } from '../../../local/gateway/response/compression.ts';

/* "Payload compression for REST APIs in API Gateway", and the pages below it. */

const MINIMUM = 1024;
const TEXT = 'one idea at a time '.repeat(100);
const answerOf = (text: string, headers: Answer['headers'] = []): Answer => ({
  status: 200,
  headers: [['Content-Type', 'application/json'], ...headers],
  body: Buffer.from(text),
});
const codingOf = ({ headers }: Answer) => headers.find(([name]) => name === 'Content-Encoding')?.[1] ?? null;

describe('compression', () => {
  it('uses the coding that the client names', () => {
    const gzip = compressed(answerOf(TEXT), 'gzip', MINIMUM);
    expect(codingOf(gzip)).toBe('gzip');
    expect(gunzipSync(gzip.body).toString()).toBe(TEXT);
    const deflate = compressed(answerOf(TEXT), 'deflate', MINIMUM);
    expect(codingOf(deflate)).toBe('deflate');
    expect(inflateSync(deflate.body).toString()).toBe(TEXT);
  });

  it.each([
    ['gzip, deflate, br', 'gzip'],
    ['GZIP;Q=1.0', 'gzip'],
    ['deflate;q=0.5,gzip;q=1.0', 'gzip'],
    ['gzip;q=1.0,identity;q=0.5,*;q=0', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['gzip;q=0', null],
    ['gzip;q=0, deflate;q=0', null],
    ['identity', null],
    ['identity;q=1, gzip;q=0.5', null],
    ['*', null],
    ['', null],
    [undefined, null],
    // The coding with the highest weight decides, also if it is not supported.
    ['br;q=1.0, gzip;q=0.8', null],
    ['gzip;q=none', null],
  ])('answers Accept-Encoding: %s with %s', (acceptEncoding, coding) => {
    expect(codingOf(compressed(answerOf(TEXT), acceptEncoding, MINIMUM))).toBe(coding);
  });

  it('leaves a body below the threshold, and compresses one of exactly that size', () => {
    expect(codingOf(compressed(answerOf('a'.repeat(MINIMUM - 1)), 'gzip', MINIMUM))).toBeNull();
    expect(codingOf(compressed(answerOf('a'.repeat(MINIMUM)), 'gzip', MINIMUM))).toBe('gzip');
  });

  it('leaves a body that a function has encoded', () => {
    const encoded = answerOf(TEXT, [['content-encoding', 'br']]);
    expect(compressed(encoded, 'gzip', MINIMUM)).toEqual(encoded);
  });

  it('leaves everything without a threshold, and an empty body always', () => {
    expect(codingOf(compressed(answerOf(TEXT), 'gzip', null))).toBeNull();
    expect(codingOf(compressed(answerOf(''), 'gzip', 0))).toBeNull();
  });

  it('keeps all other headers', () => {
    const answer = answerOf(TEXT, [['ETag', '"of-the-text"']]);
    expect(compressed(answer, 'gzip', MINIMUM).headers).toEqual([...answer.headers, ['Content-Encoding', 'gzip']]);
  });
});
