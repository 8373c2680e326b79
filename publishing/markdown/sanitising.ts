import { defaultSchema, type Options } from 'rehype-sanitize';

/** A link to another lesson by its id, which is a `slug` (shared/schemas/course.ts). */
const LESSON_LINK = /^lesson:[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** What remark-rehype calls footnotes and the way back from them. No other id or fragment has a use in a lesson. */
const FOOTNOTE_ID = /^user-content-fn(?:ref)?-/;
const FOOTNOTE_LINK = /^#user-content-fn(?:ref)?-/;
const FOOTNOTE_LABEL = 'footnote-label';

const ASSET = /^lectern-asset:[a-z0-9/._-]+$/i;

/** Tags of the default that load things by an attribute whose value is not checked. */
const LOADING_TAGS = new Set(['picture', 'source']);

/**
 * What of a lesson's HTML survives. The tags are those that GitHub keeps; the attributes are fewer, and every address
 * is matched from its start to a known form, so relative addresses, which would lead into the app, go as well.
 *
 * Apps may put the HTML into a page as it is: nothing in it runs, loads from an unnamed place or can be mistaken for
 * an element of the app (its ids are those of footnotes alone).
 */
export const LESSON_HTML: Options = {
  ...defaultSchema,
  tagNames: (defaultSchema.tagNames ?? []).filter((tag) => !LOADING_TAGS.has(tag)),
  // Their content is no text for readers; of any other tag that is not kept, it is.
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
  // Both are left to the patterns above, which allow no id that could clash and know schemes in any case.
  clobber: [],
  protocols: {},
};
