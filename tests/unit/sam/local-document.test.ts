import { readFileSync } from 'node:fs';
import path from 'node:path';
import { KNOWN_DIFFERENCES } from '../../sam/differences/known-differences.ts';

const document = readFileSync(path.resolve(import.meta.dirname, '../../../docs/sam-local.md'), 'utf8');

describe('docs/sam-local.md', () => {
  it.each(KNOWN_DIFFERENCES.map(({ why }) => why))('says that %s', (why) => {
    expect(document).toContain(why);
  });
});
