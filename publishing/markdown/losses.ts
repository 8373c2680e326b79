import type { Nodes as HtmlNodes, Root as HtmlRoot } from 'hast';
import type { Nodes, Parents, Root, Text } from 'mdast';
import type { Place } from '../reporting/issue.ts';
import { LESSON_HTML } from './allowed-html.ts';
import { elementsOf, nodesOf, startOf } from './tree.ts';

/*
 * What a reader would not get, or would get as text that was meant for another tool. Each has a place, and says what to
 * write instead, so that nothing disappears without a word.
 */

/** Something in a text that an author should look at. */
export interface TextWarning {
  readonly place: Place;
  readonly message: string;
}

/** What is published, or becomes a link (publishing/markdown/embeds.ts). */
const KEPT = new Set([...LESSON_HTML.tagNames, 'iframe', 'video', 'audio']);
const WITH_CONTENT = new Set(LESSON_HTML.strip);
/** These change nothing of what a reader reads: parts of a page, and styles of old. */
const SILENT = new Set(
  `html head body tbody article aside header footer main nav hgroup search address data center font big nobr acronym
   basefont`.split(/\s+/),
);
/** Tags of HTML that are left out. Others belong to another tool, or are no tags. */
const HTML_TAGS = new Set(
  `applet area base bgsound blink button canvas command datalist dialog dir embed fieldset form frame frameset input label
   legend link map marquee math menu meta meter noembed noframes noscript object optgroup option output param picture
   plaintext progress script select slot source style svg template textarea title track xmp`.split(/\s+/),
);

const ADVICE: Readonly<Record<string, string>> = {
  math: 'write the formula in TeX, between dollar signs',
  picture: 'only the <img> in it is',
  script: 'describe or link to what it shows',
  source: 'use the address for an image or a link',
  style: 'an app has a style of its own',
  svg: 'save it as a file and show it as an image: ![description](media/…)',
};

/** Finds the elements that are not published, with the tags as the author wrote them. */
export function lostElements(source: string, tree: Root, html: HtmlRoot): TextWarning[] {
  const warnings: TextWarning[] = [];
  const seen = new Set<number>();
  const visit = (node: HtmlNodes): void => {
    if (node.type === 'element') {
      const { offset } = node.position?.start ?? {};
      const isAuthors = offset !== undefined && source[offset] === '<';
      if (isAuthors) seen.add(offset);
      if (!KEPT.has(node.tagName) && !SILENT.has(node.tagName)) {
        if (isAuthors) warnings.push({ place: startOf(node), message: lossOf(source.slice(offset), node.tagName) });
      }
      if (!LESSON_HTML.tagNames.includes(node.tagName)) {
        if (WITH_CONTENT.has(node.tagName)) {
          for (const { position } of elementsOf(node)) seen.add(position?.start.offset ?? -1);
          return;
        }
      }
    }
    if ('children' in node) for (const child of node.children) visit(child);
  };
  visit(html);
  return [...warnings, ...ignoredTags(source, tree, seen, html)];
}

function lossOf(at: string, tagName: string): string {
  const [, name = tagName] = /^<\/?([^\s/>]+)/.exec(at) ?? [];
  if (HTML_TAGS.has(tagName)) {
    const content = WITH_CONTENT.has(tagName)
      ? 'is not published, with all that is in it'
      : 'is not published; its content is';
    const advice = ADVICE[tagName];
    return `<${name}> ${content}${advice === undefined ? '' : `: ${advice}`}`;
  }
  const [tag = ''] = at.match(TAG_WITH_ATTRIBUTES) ?? [];
  const [attribute] = tag.match(/\b(?:caption|title|label|alt)=(?:"[^"]*"|'[^']*')/i) ?? [];
  if (tag.includes('=') || tag.includes('\n')) {
    const text = attribute === undefined ? '' : `, and without ${shortened(attribute)}`;
    return `<${name}> is a component of another tool: its content is published without it${text}. Write what it shows`;
  }
  return `<${name}> is no tag of HTML and is left out. If it is text, write \\<${name}> or put it in backticks`;
}

const TAG_WITH_ATTRIBUTES = /^<(?:"[^"]*"|'[^']*'|[^'"<>]){0,5000}>/;

const OPENING_TAG = /<!--[\s\S]*?(?:-->|$)|<(?<name>[a-z][^\s/>]*)(?:"[^"]*"|'[^']*'|[^'"<>]){0,5000}>/gi;

/** Finds the tags that an HTML parser ignores where they are, such as a table cell outside of a table. */
function ignoredTags(source: string, tree: Root, seen: ReadonlySet<number>, html: HtmlRoot): TextWarning[] {
  const stripped = [...elementsOf(html)]
    .filter(({ tagName }) => WITH_CONTENT.has(tagName))
    .flatMap(({ position }) => (position ? [position] : []));
  const isInside = (offset: number) =>
    stripped.some(({ start, end }) => (start.offset ?? 0) < offset && offset < (end.offset ?? 0));
  return [...nodesOf(tree)].flatMap((node) => {
    if (node.type !== 'html') return [];
    const offset = node.position?.start.offset ?? 0;
    const text = source.slice(offset, node.position?.end.offset);
    return [...text.matchAll(OPENING_TAG)].flatMap(({ index, groups }): TextWarning[] => {
      const name = groups?.['name'];
      if (name === undefined || SILENT.has(name.toLowerCase()) || seen.has(offset + index)) return [];
      if (isInside(offset + index)) return [];
      return [
        {
          place: placeIn(text, index, startOf(node)),
          message: `<${name}> has no meaning here and is left out: check the tags around it`,
        },
      ];
    });
  });
}

interface Leftover {
  readonly pattern: RegExp;
  readonly message: string;
}

/** What other tools replace, in text and in HTML. */
const TEMPLATES: readonly Leftover[] = [
  {
    pattern: /\{\{#\s*[\w-]+[^}]{0,500}\}\}/g,
    message: 'is a directive of mdBook, published as text: put the content itself here',
  },
  {
    pattern: /\{\{[<%][\s\S]{0,2000}?[%>]\}\}/g,
    message: 'is a shortcode of Hugo, published as text: put the content itself here',
  },
  { pattern: /\{%[\s\S]{0,2000}?%\}/g, message: 'is a tag of Liquid, published as text: put the content itself here' },
  {
    pattern: /\{\{[^{}<%#][^{}]{0,500}\}\}/g,
    message: 'is a variable of another tool, published as text: write its value',
  },
  { pattern: /\{\/\*[\s\S]{0,2000}?\*\/\}/g, message: 'is a comment of MDX, published as text: use <!-- … -->' },
];

/** The same, and what else Markdown leaves as it is, in text. */
const LEFTOVERS: readonly Leftover[] = [
  ...TEMPLATES,
  {
    pattern: /^[ \t]*:::+[^\n]*/gm,
    message: 'is a directive of another tool, published as text: for an alert, start a quote with > [!NOTE]',
  },
  {
    pattern: /^[ \t]*(?:!!!|\?\?\?\+?)[ \t]+\w[^\n]*/gm,
    message: 'is an admonition of MkDocs, published as text: for an alert, start a quote with > [!NOTE]',
  },
  { pattern: /^[ \t]*===\+?[ \t]+"[^\n]*/gm, message: 'is a tab of MkDocs, published as text: use a heading' },
  {
    pattern: /^[ \t]*<<<?[ \t]*@?[\w./]+[^\n]*/gm,
    message: 'includes a file in another tool, published as text: put the code here',
  },
  {
    pattern: /^[ \t]*--8<--[^\n]*/gm,
    message: 'includes a file in another tool, published as text: put the content here',
  },
  {
    pattern: /^import\s[^\n]*\sfrom\s+['"][^\n]*|^import\s+['"][^\n]*/gm,
    message: 'is code of MDX, published as text: remove it',
  },
  {
    pattern: /^export\s+(?:const|default|function|let)\s[^\n]*/gm,
    message: 'is code of MDX, published as text: remove it',
  },
  {
    pattern: /<\/?[A-Z][\w.]*(?=[\s/>])[^<]{0,500}>?/g,
    message: 'is a component of another tool, published as text: write what it shows',
  },
  {
    pattern: /\[\[_?toc_?\]\]|^\[toc\]$/gim,
    message: 'is published as text: remove it, because apps have a table of contents',
  },
  { pattern: /\[\[[^\]\n]+\]\]/g, message: 'is a link of a wiki, published as text: write [text](lesson:<id>)' },
  {
    pattern: /^[ \t]*\{:[^}\n]*\}|\{:?[ \t]*[.#][\w-][^}\n]*\}/gm,
    message: 'is an attribute list of another tool, published as text: remove it',
  },
  {
    pattern: /^\*\[[^\]\n]+\]:[^\n]*/gm,
    message: 'is an abbreviation of another tool, published as text: use <abbr title="…">',
  },
  {
    pattern: /^[ \t]*\.\.[ \t]+[\w-]+::[^\n]*/gm,
    message: 'is a directive of reStructuredText, published as text: put the content itself here',
  },
  { pattern: /\[\^[^\]\s]+\]/g, message: 'refers to a footnote that is not there: add [^…]: and its text' },
  { pattern: /\[[^[\]\n]+\]\[[^[\]\n]+\]/g, message: 'refers to an address that is not there: add [name]: https://…' },
  {
    pattern: /\\\\[([][^\n]{1,200}?\\\\[)\]]/g,
    message: 'is a formula of another tool, published as text: write it between dollar signs',
  },
];

/** In a block of HTML, up to the next empty line, nothing is Markdown. */
const FORMULA_IN_HTML: Leftover = {
  pattern: /\$\$[^$]{1,5000}\$\$|\$(?!\s)[^$\n]{0,500}\\[^$\n]{0,500}\$/g,
  message: 'is in a block of HTML, so it is published as text: put an empty line before it',
};

/** A role of reStructuredText or MyST, before its code: `` :ref:`x` ``, `` {ref}`x` ``. */
const ROLE = /(?:(?<![\w:]):[a-z][\w:-]*:|(?<!\S)\{[a-z][\w:-]*\})$/i;
/** A directive in the place of a language: `{note}`. */
const CODE_DIRECTIVE =
  /^\{(?:note|tip|warning|caution|danger|important|hint|attention|error|seealso|admonition|dropdown|figure|image|include|literalinclude|toctree|tableofcontents|math|list-table|tab-set|tab-item|grid|card|margin|sidebar|glossary|exercise|solution|bibliography)\}/i;

/** Finds what was meant for other tools and comes out as text, and footnotes that nothing refers to. */
export function leftovers(source: string, tree: Root): TextWarning[] {
  const warnings: TextWarning[] = [];
  const referred = new Set<string>();
  for (const node of nodesOf(tree)) {
    if (node.type === 'footnoteReference') referred.add(node.identifier);
    if (node.type === 'code' && CODE_DIRECTIVE.test(infoOf(source, node))) {
      warnings.push({
        place: startOf(node),
        message: `${infoOf(source, node)} is a directive of another tool, published as code: put the content itself here`,
      });
    }
    if ('children' in node) warnings.push(...leftoversIn(source, node));
    if (node.type === 'html') {
      const { start, end } = node.position ?? {};
      const text = source.slice(start?.offset, end?.offset).replaceAll(NO_TEXT, (tag) => tag.replaceAll(/[^\n]/g, ' '));
      warnings.push(...matchesIn(text, startOf(node), [...TEMPLATES, FORMULA_IN_HTML]));
    }
  }
  for (const node of nodesOf(tree)) {
    if (node.type !== 'footnoteDefinition' || referred.has(node.identifier)) continue;
    const message = `nothing refers to the footnote [^${node.label ?? node.identifier}], so it is not published`;
    warnings.push({ place: startOf(node), message });
  }
  return warnings;
}

function matchesIn(text: string, start: Place, patterns: readonly Leftover[]): TextWarning[] {
  const taken: [number, number][] = [];
  return patterns.flatMap(({ pattern, message }) =>
    [...text.matchAll(pattern)].flatMap(({ 0: match, index: at }): TextWarning[] => {
      if (text[at - 1] === '\\' || taken.some(([from, to]) => at < to && from < at + match.length)) return [];
      taken.push([at, at + match.length]);
      return [{ place: placeIn(text, at, start), message: `${shortened(match)} ${message}` }];
    }),
  );
}

/** In HTML: comments, what is not published, and tags. */
const NO_TEXT =
  /<!--[\s\S]*?(?:-->|$)|<(?<name>script|style|svg|pre|code)\b[\s\S]{0,50000}?<\/\k<name>\s*>|<\/?[a-z](?:"[^"]*"|'[^']*'|[^'"<>]){0,5000}>/gi;

/** The source, because in the text escapes are gone: `\{{` is meant as it is. */
function leftoversIn(source: string, { type, children }: Parents): TextWarning[] {
  return children.flatMap((node: Nodes, index): TextWarning[] => {
    if (node.type !== 'text') return [];
    const text = sourceOf(source, node);
    const isEndOfHeading = type === 'heading' && index === children.length - 1;
    // Attributes behind a heading are read (publishing/markdown/anchors.ts).
    const own = isEndOfHeading ? text.replace(/\{[^{}]*\}\s*$/, '') : text;
    const found = matchesIn(own, startOf(node), LEFTOVERS);
    const role = children[index + 1]?.type === 'inlineCode' ? ROLE.exec(text) : null;
    if (role === null) return found;
    const message = `${role[0]} is a role of another tool, published as text: write a link, or what it shows`;
    return [...found, { place: placeIn(text, role.index, startOf(node)), message }];
  });
}

function sourceOf(source: string, { position, value }: Text): string {
  return position === undefined ? value : source.slice(position.start.offset, position.end.offset);
}

function infoOf(source: string, { position }: Nodes): string {
  const [, info = ''] = /^[ \t]*[`~]{3,}[ \t]*([^\n]*)/.exec(source.slice(position?.start.offset)) ?? [];
  return info.trim();
}

const MAX_QUOTE = 40;

function shortened(match: string): string {
  const line = match.trim().replaceAll(/\s+/g, ' ');
  return line.length > MAX_QUOTE ? `${line.slice(0, MAX_QUOTE)}…` : line;
}

/** The place of an offset in a piece of the source that starts at another place. */
function placeIn(text: string, offset: number, start: Place): Place {
  const lines = text.slice(0, offset).split('\n');
  const last = lines.at(-1) ?? '';
  return lines.length === 1
    ? { line: start.line, column: start.column + offset }
    : { line: start.line + lines.length - 1, column: last.length + 1 };
}
