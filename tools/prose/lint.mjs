// `npm run lint:prose`: checks documents and comments against the Google developer documentation style guide, and for
// phrases that this project avoids (phrases.json says what to write instead). style.json leaves out the guide's rules
// that concern American spelling and punctuation, and those that take code and sentences that end in a letter for
// abbreviations.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createLinter, loadLinterFormatter, loadTextlintrc } from 'textlint';

const root = path.resolve(import.meta.dirname, '../..');

/** Sample courses are texts of their authors; generated documents are checked where their prose is written. */
const SKIPPED = /^(examples\/courses\/[^/]+\/|docs\/(performance|cost)\.md$)/;

const style = await linterOf('style.json');
const phrases = await linterOf('phrases.json');
const files = execFileSync('git', ['ls-files', '*.md', '*.ts', '*.mjs'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '' && !SKIPPED.test(file));

const results = [];
for (const file of files) {
  const text = readFileSync(path.join(root, file), 'utf8');
  // Comments are not Markdown, so their name ends in .txt. They quote code, which the style guide's rules cannot tell.
  const found = file.endsWith('.md')
    ? [await style.lintText(text, file), await phrases.lintText(withoutQuotes(text), file)]
    : [await phrases.lintText(commentsOf(text), `${file}.txt`)];
  results.push(...found.filter(({ messages }) => messages.length > 0).map((result) => ({ ...result, filePath: file })));
}

if (results.length > 0) {
  const formatter = await loadLinterFormatter({ formatterName: 'unix' });
  console.error(formatter.format(results));
  process.exitCode = 1;
}

async function linterOf(config) {
  const descriptor = await loadTextlintrc({ configFilePath: path.join(import.meta.dirname, config) });
  return createLinter({ descriptor });
}

/** Blanks titles of tests and other quotations. */
function withoutQuotes(text) {
  return text.replace(/“[^”]*”/g, (quotation) => ' '.repeat(quotation.length));
}

/** Blanks everything but comments, so that each comment keeps its line. */
function commentsOf(source) {
  const comment = /(?<=^\s*|[\s({,])\/\*[\s\S]*?\*\/|(?<=^\s*|[;,{(]\s)\/\/.*$/gm;
  let text = '';
  let end = 0;
  for (const match of source.matchAll(comment)) {
    text += source.slice(end, match.index).replace(/[^\n]/g, ' ');
    text += match[0].replace(/^\/\*\*?|\*\/$|^\s*\*(?=\s|$)|^\/\//gm, (marker) => ' '.repeat(marker.length));
    end = match.index + match[0].length;
  }
  return text;
}
