import type { Element, Nodes as HtmlNodes } from 'hast';
import type { Image, ImageReference, Nodes, Root } from 'mdast';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize from 'rehype-sanitize';
import rehypeStringify from 'rehype-stringify';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { type Data, type Processor, unified } from 'unified';
import type { Place } from '../reporting/issue.ts';
import { LESSON_HTML } from './allowed-html.ts';
import { wordCount } from './word-count.ts';

/*
 * Converts what an author writes to what a reader gets. Links to other lessons stay `lesson:<id>` in Markdown and HTML,
 * because only the app knows where it shows a lesson. Images become references (shared/assets.ts).
 */

/** A link or an image in a text. */
export interface TextReference {
  readonly kind: 'link' | 'image';
  /** As written, with escapes and character references resolved. */
  readonly target: string;
  readonly place: Place;
  /** Whether it is an HTML tag, whose address {@link renderMarkdown} does not map. */
  readonly inHtml: boolean;
}

/** A parsed text, to list its references and render it without parsing it again. */
export interface MarkdownText {
  readonly source: string;
  readonly tree: Root;
}

declare const sanitised: unique symbol;

/** HTML that {@link renderMarkdown} made. Nothing else can make it. */
export type SanitisedHtml = string & { readonly [sanitised]: true };

/** A text as it is published. */
export interface RenderedText {
  readonly markdown: string;
  readonly html: SanitisedHtml;
  /** The leading blocks of the HTML, as many as fit into {@link MAX_EXCERPT_BYTES}. */
  readonly excerpt: SanitisedHtml;
  readonly wordCount: number;
}

/** Longest description of an episode that podcast apps accept (Apple, "A Podcaster's Guide to RSS"). */
const MAX_EXCERPT_BYTES = 4000;

/** Where an address is in the source, as offsets of its first character and of the one after its last. */
interface Span {
  readonly start: number;
  readonly end: number;
  readonly place: Place;
}

declare module 'mdast' {
  interface ImageData {
    destination?: Span;
  }
  interface LinkData {
    destination?: Span;
  }
  interface DefinitionData {
    destination?: Span;
  }
}

const parser = unified().use(remarkParse).use(remarkGfm).use(keepDestinations).freeze();
const toHtmlTree = unified().use(remarkRehype, { allowDangerousHtml: true }).freeze();
const readTags = unified().use(rehypeRaw).freeze();
const sanitise = unified().use(rehypeSanitize, LESSON_HTML).freeze();
const serialise = unified().use(rehypeStringify).freeze();

/** Parses GitHub Flavored Markdown. */
export function parseMarkdown(source: string): MarkdownText {
  return { source, tree: parser.parse(source) };
}

/** Lists every link and image in order, including those in HTML. */
export function referencesIn({ tree }: MarkdownText): TextReference[] {
  const definitions = definitionsIn(tree);
  return [...nodesOf(tree)].flatMap((node): TextReference[] => {
    switch (node.type) {
      case 'image':
      case 'link':
        return [
          { kind: node.type, target: node.url, place: node.data?.destination?.place ?? startOf(node), inHtml: false },
        ];
      case 'imageReference':
      case 'linkReference': {
        const definition = definitions.get(node.identifier);
        const kind = node.type === 'imageReference' ? 'image' : 'link';
        return definition === undefined
          ? []
          : [
              {
                kind,
                target: definition.url,
                place: definition.data?.destination?.place ?? startOf(node),
                inHtml: false,
              },
            ];
      }
      case 'html':
        return tagsIn(node).flatMap((tag) => {
          const [kind, target] =
            tag.tagName === 'img'
              ? ['image' as const, tag.properties['src']]
              : ['link' as const, tag.properties['href']];
          return typeof target === 'string' ? [{ kind, target, place: startOf(tag, startOf(node)), inHtml: true }] : [];
        });
      default:
        return [];
    }
  });
}

/** Lists the places of headings of the first level, which is reserved for the title. */
export function topHeadingsIn({ tree }: MarkdownText): Place[] {
  return [...nodesOf(tree)].flatMap((node) => {
    if (node.type === 'heading' && node.depth === 1) return [startOf(node)];
    if (node.type !== 'html') return [];
    return tagsIn(node).flatMap((tag) => (tag.tagName === 'h1' ? [startOf(tag, startOf(node))] : []));
  });
}

/**
 * Renders a text for publication: Markdown for apps that render it themselves, and HTML that is safe in any page
 * (publishing/markdown/allowed-html.ts lists what it keeps).
 * @param imageReference returns the asset reference for the relative path of an image, such as `media/ear.png`
 */
export function renderMarkdown({ source, tree }: MarkdownText, imageReference: (path: string) => string): RenderedText {
  const htmlTree = toHtmlTree.runSync(tree);
  for (const element of elementsOf(htmlTree)) {
    const path = element.tagName === 'img' ? relativePath(String(element.properties['src'])) : null;
    if (path !== null) element.properties['src'] = imageReference(path);
  }
  // Handling tags takes another parse of the HTML, which a text without tags does not need.
  const complete = [...nodesOf(tree)].some((node) => node.type === 'html') ? readTags.runSync(htmlTree) : htmlTree;
  const blocks = sanitise
    .runSync(complete)
    .children.map((block) => serialise.stringify({ type: 'root', children: [block] }));
  return {
    markdown: withImageReferences(source, tree, imageReference),
    html: blocks.join('') as SanitisedHtml,
    excerpt: firstBlocks(blocks) as SanitisedHtml,
    wordCount: wordCount(textOf(tree)),
  };
}

function firstBlocks(blocks: readonly string[]): string {
  let excerpt = '';
  for (const block of blocks) {
    if (Buffer.byteLength(excerpt) + Buffer.byteLength(block) > MAX_EXCERPT_BYTES) break;
    excerpt += block;
  }
  return excerpt.trim();
}

/**
 * Returns the path that an address means. Null if the address is not relative: it has a scheme, or starts with a slash
 * or a fragment.
 */
export function relativePath(target: string): string | null {
  if (/^(?:[a-z][a-z0-9+.-]*:|[/\\#?]|$)/i.test(target)) return null;
  try {
    return decodeURIComponent(target);
  } catch (error) {
    // A bare percent sign: the author wrote the name unescaped.
    if (error instanceof URIError) return target;
    throw error;
  }
}

/** The parser knows where the address of a link or image is but does not keep it. This records it on the node. */
function keepDestinations(this: Processor): void {
  const data = this.data();
  data.fromMarkdownExtensions ??= [];
  const note: Note = function (token) {
    const node = this.stack.at(-1);
    if (node?.type === 'image' || node?.type === 'link' || node?.type === 'definition') {
      const { start, end } = token;
      node.data = {
        ...node.data,
        destination: { start: start.offset, end: end.offset, place: { line: start.line, column: start.column } },
      };
    }
  };
  data.fromMarkdownExtensions.push({ enter: { resourceDestination: note, definitionDestination: note } });
}

type Extension = Exclude<NonNullable<Data['fromMarkdownExtensions']>[number], readonly unknown[]>;
/** Called for a token as the parser reaches it, with the enclosing nodes. */
type Note = NonNullable<NonNullable<Extension['enter']>['resourceDestination']>;

function withImageReferences(source: string, tree: Root, imageReference: (path: string) => string): string {
  const definitions = definitionsIn(tree);
  const addressed = [...nodesOf(tree)]
    .filter((node): node is Image | ImageReference => node.type === 'image' || node.type === 'imageReference')
    .map((node) => (node.type === 'image' ? node : definitions.get(node.identifier)));

  let result = '';
  let copied = 0;
  for (const node of [...new Set(addressed)].sort((a, b) => spanStart(a) - spanStart(b))) {
    const path = node === undefined ? null : relativePath(node.url);
    const span = node?.data?.destination;
    if (path === null || span === undefined) continue;
    result += source.slice(copied, span.start) + imageReference(path);
    copied = span.end;
  }
  return result + source.slice(copied);
}

function spanStart(node: { readonly data?: { readonly destination?: Span } | undefined } | undefined): number {
  return node?.data?.destination?.start ?? 0;
}

/** By identifier. Of duplicates the first counts (CommonMark, "Link reference definitions"). */
function definitionsIn(tree: Root) {
  const definitions = [...nodesOf(tree)].filter((node) => node.type === 'definition');
  return new Map(definitions.reverse().map((definition) => [definition.identifier, definition]));
}

/** The elements that a piece of HTML opens. */
function tagsIn(node: Extract<Nodes, { type: 'html' }>): Element[] {
  const { value, position } = node;
  return [...elementsOf(readTags.runSync({ type: 'root', children: [{ type: 'raw', value, position }] }))];
}

/** Returns the text without markup, with line breaks between separate blocks. */
function textOf(node: Nodes): string {
  if (node.type === 'text' || node.type === 'inlineCode' || node.type === 'code') return node.value;
  if (node.type === 'break') return '\n';
  if (!('children' in node)) return '';
  return node.children.map(textOf).join(INLINE_CONTAINERS.has(node.type) ? '' : '\n');
}

const INLINE_CONTAINERS = new Set<Nodes['type']>([
  ...(['paragraph', 'heading', 'tableCell', 'emphasis', 'strong', 'delete', 'link', 'linkReference'] as const),
]);

function startOf(node: Nodes | HtmlNodes, otherwise: Place = { line: 1, column: 1 }): Place {
  const start = node.position?.start;
  return start === undefined ? otherwise : { line: start.line, column: start.column };
}

function* nodesOf(node: Nodes): Generator<Nodes> {
  yield node;
  if ('children' in node) for (const child of node.children) yield* nodesOf(child);
}

function* elementsOf(node: HtmlNodes): Generator<Element> {
  if (node.type === 'element') yield node;
  if ('children' in node) for (const child of node.children) yield* elementsOf(child);
}
