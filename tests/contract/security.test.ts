import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const page = readFileSync(path.join(root, 'docs/security.md'), 'utf8');

const rows = page.split('\n').filter((line) => /^\| (?!Threat|---)/.test(line));

/** What a row names: files in code spans, each followed by test titles in curly quotes. */
function proofsIn(row: string): { readonly file: string; readonly sentence: string }[] {
  return [...row.matchAll(/`(tests\/[\w/-]+\.test\.ts)`: ((?:“[^”]+”(?:, )?)+)/g)].flatMap(
    ([, file = '', quoted = '']) => [...quoted.matchAll(/“([^”]+)”/g)].map(([, sentence = '']) => ({ file, sentence })),
  );
}

describe('docs/security.md', () => {
  it('names a proof for every threat', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(rows.filter((row) => proofsIn(row).length === 0)).toEqual([]);
  });

  it('names existing tests by their exact titles', () => {
    const missing = rows.flatMap(proofsIn).filter(({ file, sentence }) => {
      const location = path.join(root, file);
      return !existsSync(location) || !readFileSync(location, 'utf8').includes(`'${sentence}'`);
    });
    expect(missing).toEqual([]);
  });
});
