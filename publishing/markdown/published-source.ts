import type { Definition, Nodes, Parents, Root } from 'mdast';
import type { Place } from '../reporting/issue.ts';
import { nodesOf } from './tree.ts';

/*
 * The Markdown that is published: that of the author without comments, with the addresses that apps know, and with no
 * heading of the first level. Everything else stays as it was written.
 */

/** Where an address is in the source, as offsets of its first character and of the one after its last. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly place: Place;
}

/** A change of the source. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Returns the published address for one in the source. Undefined if it stays as it is. */
export type Readdress = (kind: 'image' | 'link', target: string) => string | undefined;

/** Returns the source with changes. Of those that overlap the first one counts. */
export function edited(source: string, edits: readonly Edit[]): string {
  let result = '';
  let copied = 0;
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    if (start < copied) continue;
    result += source.slice(copied, start) + text;
    copied = end;
  }
  return result + source.slice(copied);
}

/** Finds the addresses that change. */
export function addressEdits(source: string, tree: Root, readdress: Readdress): Edit[] {
  const definitions = definitionsIn(tree);
  const edits = new Map<number, Edit>();
  const add = (kind: 'image' | 'link', target: string, span: Pick<Span, 'start' | 'end'> | undefined) => {
    const text = span && readdress(kind, target);
    if (span === undefined || text === undefined || text === target) return;
    // An image wins over a link with the same definition: only its address can be loaded.
    if (kind === 'image' || !edits.has(span.start)) edits.set(span.start, { ...span, text });
  };
  for (const node of nodesOf(tree)) {
    if (node.type === 'image' || node.type === 'link') add(node.type, node.url, node.data?.destination);
    if (node.type === 'imageReference' || node.type === 'linkReference') {
      const definition = definitions.get(node.identifier);
      const kind = node.type === 'imageReference' ? 'image' : 'link';
      if (definition !== undefined) add(kind, definition.url, definition.data?.destination);
    }
    if (node.type === 'html') {
      for (const { name, target, start, end } of addressesInHtml(source, node)) {
        add(name === 'img' ? 'image' : 'link', target, { start, end });
      }
    }
  }
  return [...edits.values()];
}

const COMMENT = '<!--(?:-?>|[\\s\\S]*?(?:--!?>|$))';
const TAG = new RegExp(`${COMMENT}|<(?<name>[a-z][^\\s/>]*)(?<attributes>(?:"[^"]*"|'[^']*'|[^'"<>]){0,5000})>`, 'gi');
const ADDRESS = /(?<before>[\s"'/](?:src|href)\s*=\s*)(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^\s"'>]+))/i;

function addressesInHtml(source: string, node: Nodes) {
  const offset = startOffset(node);
  return [...source.slice(offset, endOffset(node)).matchAll(TAG)].flatMap(({ index, 0: tag, groups }) => {
    const name = groups?.['name']?.toLowerCase();
    const attributes = groups?.['attributes'] ?? '';
    const address = name === 'img' || name === 'a' ? ADDRESS.exec(attributes) : null;
    if (address === null || name === undefined) return [];
    const { before = '', double, single, bare } = address.groups ?? {};
    const target = double ?? single ?? bare ?? '';
    const quote = bare === undefined ? 1 : 0;
    const start = offset + index + tag.length - 1 - attributes.length + address.index + before.length + quote;
    return [{ name, target: target.replaceAll('&amp;', '&'), start, end: start + target.length }];
  });
}

/** Finds the comments of the author. */
export function commentEdits(source: string, tree: Root): Edit[] {
  return [...parentsIn(tree)].flatMap((parent) =>
    parent.children.flatMap((node, index): Edit[] => {
      // `[//]: # (a comment)` is the other way to write one.
      if (node.type === 'definition' && isComment(node)) return [wholeLines(source, node)];
      if (node.type !== 'html') return [];
      const offset = startOffset(node);
      const html = source.slice(offset, endOffset(node));
      if (new RegExp(`^(?:${COMMENT}\\s*)+$`, 'i').test(html) && parent.type === 'root') {
        // Without anything between them, two lists would be one.
        const between = parent.children[index - 1]?.type === 'list' && parent.children[index + 1] !== undefined;
        return between ? [{ start: offset, end: endOffset(node), text: '<!-- -->' }] : [wholeLines(source, node)];
      }
      return [...html.matchAll(TAG)]
        .filter(({ groups }) => groups?.['name'] === undefined)
        .map(({ index: at, 0: comment }) => ({ start: offset + at, end: offset + at + comment.length, text: '' }));
    }),
  );
}

function isComment({ identifier, url }: Definition): boolean {
  return url === '#' && /^(?:\/\/|comment|_)/.test(identifier);
}

/** Removes a block and the line break behind it. */
function wholeLines(source: string, node: Nodes): Edit {
  const end = endOffset(node);
  const [lineBreak = ''] = /^[ \t]*\n*/.exec(source.slice(end)) ?? [];
  return { start: startOffset(node), end: end + lineBreak.length, text: '' };
}

/** Makes a heading of the first level one of the second. */
export function demotionEdits(source: string, node: Nodes): Edit[] {
  const start = startOffset(node);
  const end = endOffset(node);
  if (node.type === 'html') {
    return [...source.slice(start, end).matchAll(/(?<=<\/?h)1(?=[\s/>])/gi)].map(({ index }) => ({
      ...{ start: start + index, end: start + index + 1 },
      text: '2',
    }));
  }
  if (source[start] === '#') return [{ start, end: start, text: '#' }];
  const [underline = ''] = /=+[ \t]*$/.exec(source.slice(start, end)) ?? [];
  return [{ start: end - underline.length, end, text: '-'.repeat(Math.max(underline.trimEnd().length, 3)) }];
}

/** Removes a heading that repeats the title. */
export function removalEdit(source: string, node: Nodes): Edit {
  return wholeLines(source, node);
}

/** By identifier. Of duplicates the first counts (CommonMark, "Link reference definitions"). */
export function definitionsIn(tree: Root): ReadonlyMap<string, Definition> {
  const definitions = [...nodesOf(tree)].filter((node) => node.type === 'definition');
  return new Map(definitions.reverse().map((definition) => [definition.identifier, definition]));
}

function* parentsIn(tree: Root): Generator<Parents> {
  for (const node of nodesOf(tree)) if ('children' in node) yield node;
}

function startOffset(node: Nodes): number {
  return node.position?.start.offset ?? 0;
}

function endOffset(node: Nodes): number {
  return node.position?.end.offset ?? 0;
}
