import type { Root } from 'mdast';
import { nodesOf } from './tree.ts';

/** A word of the info string of a code block: `rust,ignore`, `{.python .input}`, `title="a.js"`. */
const WORD = /[\w-]+=(?:"[^"]*"|'[^']*'|\{[^}]*\}|[^\s{},]+)|\{[\d,\s-]+\}|[^\s{},]+/g;
const TITLE = /^(?:title|caption|filename|file|name)=(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>.+))$/i;

/**
 * Names the language of each code block as highlighters do, in lower case and without the options that other tools
 * write into its info string. Keeps the title.
 */
export function nameLanguages(tree: Root): void {
  for (const node of nodesOf(tree)) {
    if (node.type !== 'code' || node.lang === undefined || node.lang === null) continue;
    const info = `${node.lang} ${node.meta ?? ''}`.replace(/^\{code(?:-cell|-block)?\}/, '');
    const words = info.match(WORD) ?? [];
    const [first = ''] = words;
    const language = first.includes('=')
      ? ''
      : first
          .replace(/^[.:]+/, '')
          .replace(/:.*$/, '')
          .toLowerCase();
    node.lang = language === '' ? null : language;
    const { double, single, bare } = words.map((word) => TITLE.exec(word)?.groups).find((groups) => groups) ?? {};
    const title = double ?? single ?? bare ?? /^\w+:(?<file>[^\s{},]+\.\w+)$/.exec(first)?.groups?.['file'];
    if (title !== undefined) node.data = { ...node.data, hProperties: { title } };
  }
}
