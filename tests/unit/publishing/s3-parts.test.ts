import { partsOf } from '../../../publishing/store/parts.ts';

const MEBIBYTE = 1024 ** 2;

describe('the parts of a file', () => {
  it.each([
    [16 * MEBIBYTE, 2, 8],
    [16 * MEBIBYTE + 1, 3, 8],
    [10_000 * 8 * MEBIBYTE - 1, 10_000, 8],
    [10_000 * 8 * MEBIBYTE, 10_000, 8],
    // One byte more would be part 10,001.
    [10_000 * 8 * MEBIBYTE + 1, 8889, 9],
    [5 * 1024 ** 4, 9987, 525],
  ])('of %d bytes are %d of %d MiB, and cover it', (sizeBytes, count, mebibytes) => {
    const parts = partsOf(sizeBytes);
    expect(parts).toHaveLength(count);
    let covered = 0;
    for (const [index, part] of parts.entries()) {
      expect([part.number, part.start]).toEqual([index + 1, covered]);
      if (part.number < count) expect(part.sizeBytes).toBe(mebibytes * MEBIBYTE);
      covered += part.sizeBytes;
    }
    expect(covered).toBe(sizeBytes);
  });
});
