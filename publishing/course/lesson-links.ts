import { posix } from 'node:path';
import { slug } from 'github-slugger';
import { idOf } from '../markdown/anchors.ts';
import type { Place, Report, Severity } from '../reporting/issue.ts';
import { didYouMean } from '../reporting/suggestion.ts';

/*
 * Where the links of a lesson lead. Authors write them as their other tools want them: to a file of Markdown or to the
 * page that is made of it, from the lesson or from the root.
 */

/** The ids of the lessons, by the paths of their files from the folder of the course, without `.md`. */
export type LessonPaths = ReadonlyMap<string, string>;

/** A link to a place in another lesson. */
export interface LessonLink {
  readonly lessonId: string;
  readonly fragment: string;
  readonly place: Place;
}

/** What links can lead to in a lesson, and which of its own lead into others. */
export interface LessonAnchors {
  readonly id: string;
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly LessonLink[];
  readonly report: Report;
}

/** Where a link leads. */
export interface ResolvedLink {
  /** As it is published. Undefined if the link leads nowhere. */
  readonly address?: string;
  /** A place in another lesson, which may not have been read yet. */
  readonly fragment?: Omit<LessonLink, 'place'>;
  readonly issue?: string;
  readonly severity?: Severity;
}

interface LinkContext {
  readonly lessonPath: string;
  readonly lessons: LessonPaths;
  readonly anchors: ReadonlySet<string>;
}

export function lessonPaths(ids: readonly string[]): LessonPaths {
  return new Map(ids.map((id) => [`lessons/${id}`, id]));
}

/** Finds where a link leads. */
export function resolveLink(target: string, context: LinkContext): ResolvedLink {
  const address = target.trim();
  if (/^(?:https?:\/\/[^/]|mailto:|tel:)/i.test(address)) return { address };
  if (/^\/\/[^/]/.test(address)) return { address: `https:${address}` };
  if (/^lesson:/.test(address)) return linkToId(address.slice('lesson:'.length), context);
  if (/^[a-z][a-z0-9+.-]*:/i.test(address)) {
    return warning(
      `"${target}" is not a valid link, so its text is published without it: use https://… or lesson:<id>`,
    );
  }
  const [, path = '', fragment] = /^([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/s.exec(address) ?? [];
  return path === ''
    ? linkInText(target, idOf(fragment ?? ''), context)
    : linkToPath(target, idOf(path), fragment, context);
}

function warning(issue: string): ResolvedLink {
  return { issue, severity: 'warning' };
}

/** The form that is Lectern's own, so that a mistake in it is one. */
function linkToId(rest: string, { lessons }: LinkContext): ResolvedLink {
  const [id = '', fragment] = rest.split('#', 2);
  const ids = new Set(lessons.values());
  if (ids.has(id)) return linkToLesson(id, fragment);
  return { issue: `there is no lesson "${id}" in this course${didYouMean(id, ids)}`, severity: 'error' };
}

function linkToLesson(lessonId: string, encoded: string | undefined): ResolvedLink {
  const fragment = encoded === undefined ? '' : idOf(encoded);
  if (fragment === '') return { address: `lesson:${lessonId}` };
  return { address: `lesson:${lessonId}#${encodeURIComponent(fragment)}`, fragment: { lessonId, fragment } };
}

function linkInText(target: string, id: string, { anchors }: LinkContext): ResolvedLink {
  const found = findAnchor(id, anchors);
  if (found !== undefined) return { address: `#${found === id ? target.trim().slice(1) : encodeURIComponent(found)}` };
  return warning(`"${target}" leads to no heading of this lesson${didYouMean(id, anchors)}`);
}

/** Other tools make ids in other ways. The slug of an id is what GitHub makes of the same text. */
function findAnchor(id: string, anchors: ReadonlySet<string>): string | undefined {
  return [id, id.toLowerCase(), slug(id)].find((candidate) => candidate !== '' && anchors.has(candidate));
}

const PAGE = /(?:\.(?:md|markdown|mdx|html?|qmd|rst|ipynb)|\/)$/i;
const INDEX = /(?:^|\/)(?:index|readme|_index)$/i;

function linkToPath(
  target: string,
  path: string,
  fragment: string | undefined,
  { lessonPath, lessons }: LinkContext,
): ResolvedLink {
  const page = path.replace(PAGE, '');
  const here = lessonPath.replace(/\.md$/, '');
  const candidates = page.startsWith('/')
    ? [page.slice(1), `lessons${page}`]
    : // Pages without an extension are folders to a browser, so some authors write links from there.
      [posix.join(posix.dirname(here), page), posix.join(here, page), posix.normalize(page)];
  const byPath = new Map([...lessons].map(([file, id]) => [comparable(file), id]));
  const exact = candidates.map((candidate) => byPath.get(comparable(candidate))).find((id) => id !== undefined);
  if (exact !== undefined) return linkToLesson(exact, fragment);

  if (!PAGE.test(path) && posix.extname(path) !== '') {
    return warning(`"${target}" is no lesson of this course, so its text is published without the link: use https://…`);
  }
  const name = nameIn(page);
  const named = [...lessons].filter(([file]) => nameIn(file) === name).map(([, id]) => id);
  const [only] = named;
  if (only !== undefined && named.length === 1) {
    const issue = `"${target}" is elsewhere, so this link leads to the lesson of the same name: write lesson:${only}`;
    return { ...linkToLesson(only, fragment), issue, severity: 'warning' };
  }
  const suggestion = didYouMean(name, lessons.values());
  return warning(
    `"${target}" leads to no lesson of this course${suggestion}, so its text is published without the link: use lesson:<id>`,
  );
}

/** Paths that differ in case, or in the characters between words, are the same lesson. */
function comparable(path: string): string {
  return path
    .replace(INDEX, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}/]+/gu, '-')
    .replaceAll(/(?<=^|\/)-|-(?=\/|$)/g, '');
}

function nameIn(path: string): string {
  return posix.basename(comparable(path));
}

/** Warns of links to places in other lessons that are not there. They lead to the start of the lesson then. */
export function checkFragments(lessons: readonly LessonAnchors[]): void {
  const anchorsOf = new Map(lessons.map(({ id, anchors }) => [id, anchors]));
  for (const { links, report } of lessons) {
    for (const { lessonId, fragment, place } of links) {
      const anchors = anchorsOf.get(lessonId);
      // A lesson that could not be read has an error of its own.
      if (anchors === undefined || anchors.has(fragment)) continue;
      const message = `the lesson "${lessonId}" has no heading "${fragment}"${didYouMean(fragment, anchors)}`;
      report(place, message, 'warning');
    }
  }
}
