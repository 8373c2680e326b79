import { defaultSchema, type Options } from 'rehype-sanitize';

/** A link to another lesson by its id, which is a `slug` (shared/schemas/course.ts). */
const LESSON_LINK = /^lesson:[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** The names that remark-rehype gives footnotes and their back links. A lesson needs no other ids or fragments. */
const FOOTNOTE_ID = /^user-content-fn(?:ref)?-/;
const FOOTNOTE_LINK = /^#user-content-fn(?:ref)?-/;
const FOOTNOTE_LABEL = 'footnote-label';

const ASSET = /^lectern-asset:[a-z0-9/._-]+$/i;

/** Tags of the default list that load things by an attribute whose value is not checked. */
const LOADING_TAGS = new Set(['picture', 'source']);

/**
 * What the sanitizer keeps of a lesson's HTML. It allows the tags that GitHub allows, but fewer attributes, and matches
 * every address as a whole against known forms. So relative addresses, which would lead into the app, go as well.
 *
 * Apps can put the HTML into a page as it is. Nothing in it runs, loads from an unknown place, or passes for an element
 * of the app: its only ids are those of footnotes.
 */
export const LESSON_HTML: Options = {
  ...defaultSchema,
  tagNames: (defaultSchema.tagNames ?? []).filter((tag) => !LOADING_TAGS.has(tag)),
  // The content of these is not text for readers. Other tags that are dropped leave their content.
  strip: [
    ...['script', 'style', 'template', 'noscript', 'iframe', 'object', 'svg', 'math'],
    ...['textarea', 'select', 'title', 'noembed', 'noframes', 'xmp', 'plaintext'],
  ],
  attributes: {
    '*': ['dir', 'lang', 'title'],
    a: [
      ['href', /^https?:\/\//i, /^mailto:/i, LESSON_LINK, FOOTNOTE_LINK],
      ['id', FOOTNOTE_ID],
      ['className', 'data-footnote-backref'],
      ['ariaDescribedBy', FOOTNOTE_LABEL],
      'ariaLabel',
      'dataFootnoteBackref',
      'dataFootnoteRef',
    ],
    code: [['className', /^language-./]],
    h2: [
      ['id', FOOTNOTE_LABEL],
      ['className', 'sr-only'],
    ],
    img: [['src', /^https:\/\//i, ASSET], 'alt', 'width', 'height'],
    input: [['disabled', true], ['type', 'checkbox'], 'checked'],
    li: [
      ['id', FOOTNOTE_ID],
      ['className', 'task-list-item'],
    ],
    ol: [['className', 'contains-task-list'], 'start', 'reversed'],
    section: ['dataFootnotes', ['className', 'footnotes']],
    td: ['align', 'colSpan', 'rowSpan'],
    th: ['align', 'colSpan', 'rowSpan', 'scope'],
    ul: [['className', 'contains-task-list']],
  },
  ancestors: { ...defaultSchema.ancestors, input: ['li'] },
  // The patterns above do both: they allow no id that could clash, and recognise schemes in any case.
  clobber: [],
  protocols: {},
};
