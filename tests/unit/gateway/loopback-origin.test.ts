import type { Answer } from '../../../local/gateway/response/answer.ts';
import { readableOnLoopback } from '../../../local/gateway/response/loopback-origin.ts';

/** As a function answers an origin that it does not know. */
const ANSWER: Answer = { status: 200, headers: [['Vary', 'Origin']], body: Buffer.from('{}') };

describe('an answer of the local API', () => {
  it.each([
    'http://localhost',
    'http://localhost:5173',
    'https://localhost:8443',
    'http://127.0.0.1:80',
    'http://[::1]:3',
  ])('is readable by a web app at %s', (origin) => {
    expect(readableOnLoopback(ANSWER, origin).headers).toEqual([
      ['Vary', 'Origin'],
      ['Access-Control-Allow-Origin', origin],
      ['Access-Control-Expose-Headers', 'X-Request-Id, Retry-After, Date'],
    ]);
  });

  it.each([
    undefined,
    'null',
    'https://app.example.com',
    'http://localhost.example.com',
    'http://localhost:5173.example.com',
    'http://notlocalhost',
    'http://127.0.0.10',
    'http://192.168.0.2:5173',
    'file://localhost',
  ])('stays as it is for %s', (origin) => {
    expect(readableOnLoopback(ANSWER, origin)).toBe(ANSWER);
  });

  it('stays as it is if it is readable already', () => {
    const readable: Answer = { ...ANSWER, headers: [['access-control-allow-origin', '*']] };
    expect(readableOnLoopback(readable, 'http://localhost:5173')).toBe(readable);
  });

  it('always varies by the origin that it names', () => {
    const { headers } = readableOnLoopback({ ...ANSWER, headers: [] }, 'http://localhost:5173');
    expect(headers).toContainEqual(['Vary', 'Origin']);
  });
});
