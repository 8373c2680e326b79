import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { sha256 } from '../../../client/src/browser/sha256.ts';

describe('SHA-256 in pieces', () => {
  it('is that of the whole, whatever the pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (pieces) => {
        const hash = sha256();
        for (const piece of pieces) hash.update(piece);
        expect(hash.digest()).toBe(createHash('sha256').update(Buffer.concat(pieces)).digest('hex'));
      }),
    );
  });

  it('counts lengths of more than 32 bits', () => {
    const piece = new Uint8Array(2 ** 24);
    const [hash, expected] = [sha256(), createHash('sha256')];
    for (let count = 0; count < 33; count += 1) {
      hash.update(piece);
      expected.update(piece);
    }
    expect(hash.digest()).toBe(expected.digest('hex'));
  });
});
