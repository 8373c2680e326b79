import fc from 'fast-check';
import { type ByteRange, parseRangeHeader } from '../../../local/cdn/file/byte-ranges.ts';
import { buildRangeResponse } from '../../../local/cdn/file/range-response.ts';

const select = (header: string | undefined, size = 1000) => parseRangeHeader(header, size);

/** Ranges as `first-last`, or the result without ranges. */
function shown(ranges: ReturnType<typeof parseRangeHeader>): string {
  return typeof ranges === 'string' ? ranges : ranges.map(({ first, last }) => `${first}-${last}`).join();
}

describe('a Range header', () => {
  it.each([
    ['bytes=0-99', '0-99'],
    ['bytes=0-0', '0-0'],
    ['bytes=100-', '100-999'],
    ['bytes=-500', '500-999'],
    ['bytes=-5000', '0-999'],
    ['bytes=990-5000', '990-999'],
    ['Bytes=0-99', '0-99'],
    ['bytes=0-99,200-299', '0-99,200-299'],
    ['bytes= 0-99 ,\t200-299', '0-99,200-299'],
    ['bytes=0-99,100-199', '0-99,100-199'],
    ['bytes=0-99,-1', '0-99,999-999'],
    ['bytes=0-99,1000-', '0-99'],
    ['bytes=00-0099', '0-99'],
    [`bytes=999-${'9'.repeat(400)}`, '999-999'],
  ])('%s selects %s of 1000 bytes', (header, expected) => {
    expect(shown(select(header))).toBe(expected);
  });

  it.each(['bytes=1000-', 'bytes=1000-2000', 'bytes=-0', 'bytes=5000-,6000-', `bytes=${'9'.repeat(30)}-`])(
    '%s cannot be satisfied for 1000 bytes',
    (header) => {
      expect(select(header)).toBe('unsatisfiable');
    },
  );

  it.each(['bytes=0-', 'bytes=-1', 'bytes=0-0'])('%s cannot be satisfied for an empty file', (header) => {
    expect(select(header, 0)).toBe('unsatisfiable');
  });

  it.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=,',
    'bytes=0-1,',
    'bytes=a-b',
    'bytes=1',
    'bytes=2-1',
    'bytes=0-1-2',
    'bytes=--1',
    'bytes=-1-5',
    'bytes=0x0-0xf',
    'bytes=0.5-1',
    'bytes=0-1;2-3',
    'bytes 0-1',
    'items=0-1',
    'bytes=0-1, bytes=2-3',
    'bytes=0-1,2-1',
  ])('%s is ignored as malformed', (header) => {
    expect(select(header)).toBe('whole');
  });

  it.each([
    ['they do not ascend', 'bytes=300-400,100-200'],
    ['they overlap', 'bytes=100-200,150-250'],
    ['they share one byte', 'bytes=0-99,99-199'],
    ['the last overlaps', 'bytes=0-99,-999'],
    ['there are too many', `bytes=${Array.from({ length: 101 }, (_, index) => `${index * 2}-${index * 2}`).join()}`],
  ])('with several ranges is ignored, as by CloudFront, if %s', (_label, header) => {
    expect(select(header)).toBe('whole');
  });

  it('never selects bytes outside of the file', () => {
    const header = fc.oneof(
      fc.string(),
      fc
        .array(fc.tuple(fc.option(fc.nat()), fc.option(fc.nat())))
        .map((specs) => `bytes=${specs.map(([first, last]) => `${first ?? ''}-${last ?? ''}`).join()}`),
    );
    fc.assert(
      fc.property(header, fc.nat({ max: 10_000 }), (text, size) => {
        const ranges = select(text, size);
        if (typeof ranges === 'string') return;
        let end = -1;
        for (const { first, last } of ranges) {
          expect(first).toBeGreaterThan(end);
          expect(last).toBeGreaterThanOrEqual(first);
          end = last;
        }
        expect(end).toBeLessThan(size);
      }),
    );
  });
});

describe('the range response', () => {
  const file = { size: 1000, contentType: 'video/mp4' };
  const bytesOf = (parts: readonly (Buffer | ByteRange)[]) =>
    parts.reduce((sum, part) => sum + (Buffer.isBuffer(part) ? part.length : part.last - part.first + 1), 0);

  it('can be the whole file', () => {
    expect(buildRangeResponse('whole', file, 'b')).toEqual({
      status: 200,
      headers: { 'Content-Type': 'video/mp4', 'Content-Length': 1000 },
      parts: [{ first: 0, last: 999 }],
    });
    expect(buildRangeResponse('whole', { ...file, size: 0 }, 'b')).toMatchObject({
      headers: { 'Content-Length': 0 },
      parts: [],
    });
  });

  it('can be one range', () => {
    expect(buildRangeResponse([{ first: 100, last: 199 }], file, 'b')).toEqual({
      status: 206,
      headers: { 'Content-Type': 'video/mp4', 'Content-Length': 100, 'Content-Range': 'bytes 100-199/1000' },
      parts: [{ first: 100, last: 199 }],
    });
  });

  it('has the right Content-Length, even with several ranges', () => {
    const ranges = [
      { first: 0, last: 9 },
      { first: 500, last: 999 },
    ];
    const { status, headers, parts } = buildRangeResponse(ranges, file, 'b');
    expect(status).toBe(206);
    expect(headers).toEqual({
      'Content-Type': 'multipart/byteranges; boundary=b',
      'Content-Length': bytesOf(parts),
    });
  });
});
