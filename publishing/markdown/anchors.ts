import GithubSlugger from 'github-slugger';
import type { Element, Root, Text } from 'hast';
import { elementsOf, textIn } from './tree.ts';

/*
 * Ids in a lesson's HTML. All of them get the prefix with which GitHub keeps them apart from those of the page, so that
 * no text can pass for an element of an app. Links in the same text get it too.
 */

/** The prefix of every id in HTML. */
export const ID_PREFIX = 'user-content-';

/** A heading of a lesson, for a table of contents. */
export interface Heading {
  /** Its id in the HTML. */
  readonly id: string;
  /** 2 to 6. */
  readonly level: number;
  readonly title: string;
}

const HEADING = /^h[1-6]$/;

/** The attributes that Pandoc, MkDocs and Docusaurus allow behind a heading: `{#id .class key=value}`. */
const ATTRIBUTE = String.raw`[#.][^\s{}#.]+|[\w-]+=(?:"[^"]*"|[^\s{}"]+)|-`;
const ATTRIBUTES = new RegExp(
  String.raw`[ \t]*\{:?[ \t]*(?<list>(?:${ATTRIBUTE})(?:[ \t]+(?:${ATTRIBUTE}))*)[ \t]*\}[ \t]*$`,
);
/** The same in a comment of MDX. */
const MDX_ID = /[ \t]*\{\/\*[ \t]*#(?<id>[^\s{}]+)[ \t]*\*\/\}[ \t]*$/;

/**
 * Gives every heading an id: the one that the author gave it, else GitHub's slug of its text.
 * @returns the headings, with ids as they are in the published HTML
 */
export function nameHeadings(tree: Root): Heading[] {
  const slugger = new GithubSlugger();
  const headings = [...elementsOf(tree)].filter(({ tagName }) => HEADING.test(tagName));
  return headings.flatMap((heading): Heading[] => {
    // The heading of the footnotes is not the author's.
    if (heading.properties['dataFootnotesLabel'] !== undefined) return [];
    const given = takeAttributes(heading) ?? heading.properties['id'];
    const title = textIn(heading).replaceAll(/\s+/g, ' ').trim();
    const id = typeof given === 'string' && isId(given) ? given : slugger.slug(title);
    // An empty slug, of a heading with an image only, is no id.
    if (id === '') return [];
    heading.properties['id'] = id;
    return [{ id: `${ID_PREFIX}${id}`, level: Number(heading.tagName.slice(1)), title }];
  });
}

/** Removes attributes in braces from the end of a heading and returns the id in them. */
function takeAttributes({ children }: Element): string | undefined {
  const last = children.at(-1);
  if (last?.type !== 'text') return undefined;
  const mdx = MDX_ID.exec(last.value);
  const [attributes, list = ''] = ATTRIBUTES.exec(last.value) ?? [];
  const found = mdx?.[0] ?? attributes;
  if (found === undefined || found.trim() === textIn({ type: 'root', children }).trim()) return undefined;
  (last satisfies Text).value = last.value.slice(0, -found.length).trimEnd();
  return mdx?.groups?.['id'] ?? /(?:^|\s)#(?<id>\S+)/.exec(list)?.groups?.['id'];
}

/** Gives anchors that only have a name, as in `<a name="x">`, the id that browsers take it for. */
export function nameAnchors(tree: Root): void {
  for (const { tagName, properties } of elementsOf(tree)) {
    if (tagName === 'a') properties['id'] ??= properties['name'];
    if (!isId(properties['id'])) delete properties['id'];
  }
}

/** The HTML standard allows every character in an id but white space. */
function isId(id: unknown): id is string {
  return typeof id === 'string' && /^\S{1,200}$/.test(id);
}

/** The ids in a text, without the prefix. */
export function anchorsIn(tree: Root): ReadonlySet<string> {
  return new Set(
    [...elementsOf(tree)].map(({ properties }) => properties['id']).filter((id) => typeof id === 'string'),
  );
}

/** Returns the id that a fragment means. It may be percent-encoded. */
export function idOf(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch (error) {
    if (error instanceof URIError) return fragment;
    throw error;
  }
}

/** Returns the link to an id in the published HTML, from the fragment of an author's link. */
export function fragmentTo(fragment: string): string {
  const id = idOf(fragment);
  return `#${encodeURIComponent(id.startsWith(ID_PREFIX) ? id : ID_PREFIX + id)}`;
}
