import { nameToEmoji } from 'gemoji';
import type { Element, Root as HtmlRoot } from 'hast';
import type { Nodes, Root } from 'mdast';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize from 'rehype-sanitize';
import rehypeStringify from 'rehype-stringify';
import remarkDefinitionList, { defListHastHandlers } from 'remark-definition-list';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { type Data, type Processor, unified } from 'unified';
import type { Place } from '../reporting/issue.ts';
import { markAlerts } from './alerts.ts';
import { LESSON_HTML } from './allowed-html.ts';
import { anchorsIn, fragmentTo, type Heading, ID_PREFIX, nameAnchors, nameHeadings } from './anchors.ts';
import { nameLanguages } from './code-info.ts';
import { type Embeds, frameEmbeds, linkEmbeds } from './embeds.ts';
import { type Labels, labelsOf } from './labels.ts';
import { leftovers, lostElements, type TextWarning } from './losses.ts';
import { renderFormulas } from './math.ts';
import { remarkFormulas } from './math-syntax.ts';
import {
  addressEdits,
  commentEdits,
  definitionsIn,
  demotionEdits,
  type Edit,
  edited,
  removalEdit,
  type Span,
} from './published-source.ts';
import { elementsOf, nodesOf, startOf, textIn } from './tree.ts';
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
  /** Whether it is an HTML tag. */
  readonly inHtml: boolean;
}

/** Where a text is. */
export interface TextOptions {
  /** The lesson, whose id keeps its footnotes apart from those of others on the same page. */
  readonly lessonId?: string;
  /** A heading of the first level that says the same as this title is left out. */
  readonly title?: string | undefined;
  /** BCP 47. Footnotes and alerts have labels in this language. */
  readonly language?: string | undefined;
  readonly embeds?: Embeds | undefined;
}

/** A parsed text, to list its references and render it without parsing it again. */
export interface MarkdownText {
  readonly source: string;
  readonly tree: Root;
  /** With ids that have no prefix yet, and not sanitized. */
  readonly html: HtmlRoot;
  readonly headings: readonly Heading[];
  /** The ids that links can lead to, without their prefix. */
  readonly anchors: ReadonlySet<string>;
  /** Headings of the first level that do not say the same as the title. */
  readonly topHeadings: readonly Place[];
  readonly warnings: readonly TextWarning[];
  readonly edits: readonly Edit[];
  readonly embeds: Embeds;
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
  readonly headings: readonly Heading[];
}

export interface RenderOptions {
  /** Returns where a link leads, such as `lesson:the-ear#top`. Undefined if it leads nowhere. */
  readonly link?: (target: string) => string | undefined;
  readonly warn?: (warning: TextWarning) => void;
}

/** Longest description of an episode that podcast apps accept (Apple, "A Podcaster's Guide to RSS"). */
const MAX_EXCERPT_BYTES = 4000;

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

const parser = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(remarkDefinitionList)
  .use(remarkFormulas)
  .use(keepDestinations)
  .freeze();
const readTags = unified().use(rehypeRaw).freeze();
const sanitise = unified().use(rehypeSanitize, LESSON_HTML).freeze();
const serialise = unified().use(rehypeStringify).freeze();

/** Parses GitHub Flavored Markdown, as GitHub shows it: with formulas, alerts and emoji. */
export function parseMarkdown(source: string, options: TextOptions = {}): MarkdownText {
  const { lessonId, title, language = 'en', embeds = 'link' } = options;
  const labels = labelsOf(language);
  const tree = parser.parse(source);
  const warnings = leftovers(source, tree);
  const { topHeadings, edits } = demoteTopHeadings(source, tree, title);
  markAlerts(tree, labels);
  nameLanguages(tree);
  markDisplayFormulas(source, tree);

  const html = toHtml(tree, labels, lessonId === undefined ? '' : `${lessonId}-`);
  warnings.push(...lostElements(source, tree, html));
  linkEmbeds(html, (element, message) => warnings.push({ place: startOf(element), message }));
  for (const element of elementsOf(html)) if (element.tagName === 'h1') element.tagName = 'h2';
  nameAnchors(html);
  const headings = nameHeadings(html);
  showEmoji(html);
  return { source, tree, html, headings, anchors: anchorsIn(html), topHeadings, warnings, edits, embeds };
}

function toHtml(tree: Root, { footnotes, backToReference }: Labels, prefix: string): HtmlRoot {
  const html = unified()
    .use(remarkRehype, {
      allowDangerousHtml: true,
      clobberPrefix: prefix,
      footnoteLabel: footnotes,
      footnoteLabelProperties: { className: ['sr-only'], dataFootnotesLabel: '' },
      footnoteBackLabel: (reference, repeated) =>
        `${backToReference} ${reference + 1}${repeated > 1 ? `-${repeated}` : ''}`,
      handlers: defListHastHandlers,
    })
    .runSync(tree);
  // Handling tags takes another parse of the HTML, which a text without tags does not need.
  const complete = [...nodesOf(tree)].some((node) => node.type === 'html') ? readTags.runSync(html) : html;
  for (const { properties } of elementsOf(complete)) {
    // The label has the same id in every text otherwise.
    if (properties['dataFootnotesLabel'] !== undefined) properties['id'] = `${prefix}${FOOTNOTE_LABEL}`;
    if (properties['dataFootnoteRef'] !== undefined) properties['ariaDescribedBy'] = [`${prefix}${FOOTNOTE_LABEL}`];
    else delete properties['ariaDescribedBy'];
  }
  return complete;
}

const FOOTNOTE_LABEL = 'footnote-label';

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
export function topHeadingsIn({ topHeadings }: MarkdownText): readonly Place[] {
  return topHeadings;
}

/**
 * Makes headings of the first level, which is that of the title, those of the second. Leaves out a leading one that says
 * the same as the title.
 */
function demoteTopHeadings(source: string, tree: Root, title: string | undefined) {
  const topHeadings: Place[] = [];
  const edits: Edit[] = [];
  const [first] = tree.children.filter((node) => node.type !== 'html' && node.type !== 'definition');
  if (first?.type === 'heading' && first.depth === 1 && title !== undefined && isSame(textOf(first), title)) {
    edits.push(removalEdit(source, first));
    tree.children.splice(tree.children.indexOf(first), 1);
  }
  for (const node of nodesOf(tree)) {
    if (node.type === 'heading' && node.depth === 1) {
      topHeadings.push(startOf(node));
      edits.push(...demotionEdits(source, node));
      node.depth = 2;
    }
    if (node.type !== 'html') continue;
    const tags = tagsIn(node).filter(({ tagName }) => tagName === 'h1');
    topHeadings.push(...tags.map((tag) => startOf(tag, startOf(node))));
    if (/<\/?h1[\s/>]/i.test(node.value)) edits.push(...demotionEdits(source, node));
  }
  return { topHeadings, edits };
}

function isSame(heading: string, title: string): boolean {
  const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim().toLowerCase();
  return plain(heading.replace(/\s*\{[^}]*\}$/, '')) === plain(title);
}

/** GitHub shows a formula between two dollars as a block, in a paragraph too. */
function markDisplayFormulas(source: string, tree: Root): void {
  for (const node of nodesOf(tree)) {
    if (node.type !== 'inlineMath' || !source.startsWith('$$', node.position?.start.offset)) continue;
    node.data = { ...node.data, hProperties: { className: ['language-math', 'math-display'] } };
  }
}

const EMOJI = /:(?<name>\+1|[-\w]+):/g;

/** Replaces the codes that GitHub has for emoji, outside of code. After the ids of headings, where GitHub keeps them. */
function showEmoji(node: HtmlRoot | Element): void {
  for (const child of node.children) {
    if (child.type === 'text') {
      child.value = child.value.replaceAll(EMOJI, (code, name: string) =>
        Object.hasOwn(nameToEmoji, name) ? (nameToEmoji[name] ?? code) : code,
      );
    } else if (child.type === 'element' && !['code', 'pre', 'kbd', 'samp', 'tt', 'var'].includes(child.tagName)) {
      showEmoji(child);
    }
  }
}

/**
 * Renders a text for publication: Markdown for apps that render it themselves, and HTML that is safe in any page
 * (publishing/markdown/allowed-html.ts lists what it keeps).
 * @param imageReference returns the asset reference for the path of an image, such as `media/ear.png`, or undefined
 */
export function renderMarkdown(
  text: MarkdownText,
  imageReference: (path: string) => string | undefined,
  { link = leaveLink, warn }: RenderOptions = {},
): RenderedText {
  const { source, tree, html: complete, headings, edits, embeds } = text;
  const html = structuredClone(complete);
  for (const { tagName, properties } of elementsOf(html)) {
    if (tagName === 'img') {
      const src = withHttps(String(properties['src'] ?? ''));
      const path = localPath(src);
      properties['src'] = path === null ? src : imageReference(path);
    }
    const target = properties['href'];
    const isFootnote = properties['dataFootnoteRef'] !== undefined || properties['dataFootnoteBackref'] !== undefined;
    if (typeof target !== 'string') continue;
    properties['href'] = isFootnote ? `#${ID_PREFIX}${target.slice(1)}` : inHtml(link(target));
  }
  const clean = sanitise.runSync(html);
  renderFormulas(clean, (formula, reason) => {
    const message = `${textIn(formula).trim()} is published as code, because it is no formula: ${reason}`;
    warn?.({ place: startOf(formula), message });
  });
  if (embeds === 'frame') frameEmbeds(clean);

  const blocks = clean.children.map((block) => serialise.stringify({ type: 'root', children: [block] }));
  const readdressed = addressEdits(source, tree, (kind, target) => {
    if (kind === 'link') return link(target);
    const path = localPath(target);
    return path === null ? withHttps(target) : imageReference(path);
  });
  return {
    markdown: edited(source, [...edits, ...commentEdits(source, tree), ...readdressed]).trim(),
    html: blocks.join('').trim() as SanitisedHtml,
    excerpt: firstBlocks(blocks) as SanitisedHtml,
    wordCount: wordCount(textOf(tree)),
    headings,
  };
}

function leaveLink(target: string): string {
  return target;
}

/** Pictures are loaded over HTTPS only: apps are, and would refuse them otherwise. */
function withHttps(address: string): string {
  return address.replace(/^(?:http:)?\/\//i, 'https://');
}

/** The ids in HTML have a prefix, to which the links of an author do not lead. */
function inHtml(target: string | undefined): string | undefined {
  const { address = '', fragment } = /^(?<address>(?:lesson:[^#]*)?)#(?<fragment>.+)$/.exec(target ?? '')?.groups ?? {};
  return fragment === undefined ? target : address + fragmentTo(fragment);
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
  return decoded(target);
}

/** Returns the path that an address means, which may start at the root of the course. Null if it leads elsewhere. */
export function localPath(target: string): string | null {
  return /^\/(?![/\\])/.test(target) ? decoded(target) : relativePath(target);
}

function decoded(target: string): string {
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
