import { defaultSchema, type Options } from 'rehype-sanitize';
import { ID_PREFIX } from './anchors.ts';

/** A link to another lesson by its id, which is a `slug` (shared/schemas/course.ts), or to an id in its HTML. */
const LESSON_LINK = new RegExp(`^lesson:[a-z0-9]+(?:-[a-z0-9]+)*(?:#${ID_PREFIX}[^\\s#]+)?$`);

/** A link to an id in the same text. */
const FRAGMENT_LINK = new RegExp(`^#${ID_PREFIX}[^\\s#]+$`);

/** The classes that GitHub gives alerts. */
const ALERT = /^markdown-alert(?:-(?:note|tip|important|warning|caution))?$/;

const ASSET = /^lectern-asset:[a-z0-9/._-]+$/i;

/** Tags of the default list that load things by an attribute whose value is not checked. */
const LOADING_TAGS = new Set(['picture', 'source']);

/** Tags of text that the default list lacks. */
const TEXT_TAGS = ['abbr', 'bdi', 'bdo', 'caption', 'cite', 'col', 'colgroup', 'dfn', 'figcaption', 'figure', 'mark'];
const MORE_TEXT_TAGS = ['small', 'time', 'u', 'wbr'];

const ALIGN: [string, ...string[]] = ['align', 'left', 'center', 'right', 'justify'];
const LENGTH = /^\d{1,5}%?$/;

/**
 * What the sanitizer keeps of a lesson's HTML. It allows the tags that GitHub allows, and a few more for text, but fewer
 * attributes, and matches every address as a whole against known forms. So relative addresses, which would lead into the
 * app, go as well.
 *
 * Apps can put the HTML into a page as it is. Nothing in it runs, loads from an unknown place, or passes for an element
 * of the app: every id starts with a prefix, and there are no names. Formulas and frames are added after it
 * (publishing/markdown/math.ts, publishing/markdown/embeds.ts), because no HTML of an author may bring them.
 */
export const LESSON_HTML: Options & { readonly tagNames: readonly string[]; readonly strip: readonly string[] } = {
  ...defaultSchema,
  tagNames: [
    ...(defaultSchema.tagNames ?? []).filter((tag) => !LOADING_TAGS.has(tag)),
    ...TEXT_TAGS,
    ...MORE_TEXT_TAGS,
  ],
  // The content of these is not text for readers. Other tags that are dropped leave their content.
  strip: [
    ...['script', 'style', 'template', 'noscript', 'iframe', 'object', 'svg', 'math'],
    ...['textarea', 'select', 'title', 'noembed', 'noframes', 'xmp', 'plaintext'],
  ],
  attributes: {
    '*': [['dir', 'ltr', 'rtl', 'auto'], 'id', 'lang', 'title'],
    a: [
      ['href', /^https?:\/\//i, /^mailto:/i, /^tel:[-+0-9().;=a-z]+$/i, LESSON_LINK, FRAGMENT_LINK],
      ['className', 'data-footnote-backref'],
      'ariaDescribedBy',
      'ariaLabel',
      'dataFootnoteBackref',
      'dataFootnoteRef',
    ],
    code: [['className', /^language-./, 'math-inline', 'math-display']],
    col: [['span', LENGTH]],
    colgroup: [['span', LENGTH]],
    del: ['dateTime'],
    details: ['open'],
    div: [ALIGN, ['className', ALERT]],
    ...Object.fromEntries(['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((heading) => [heading, [ALIGN]])),
    h2: [ALIGN, ['className', 'sr-only']],
    img: [['src', /^https:\/\//i, ASSET], 'alt', ['width', LENGTH], ['height', LENGTH], ['align', 'left', 'right']],
    input: [['disabled', true], ['type', 'checkbox'], 'checked'],
    ins: ['dateTime'],
    li: [['className', 'task-list-item'], 'value'],
    ol: [['className', 'contains-task-list'], 'start', 'reversed', ['type', '1', 'a', 'A', 'i', 'I']],
    p: [ALIGN, ['className', 'markdown-alert-title']],
    section: ['dataFootnotes', ['className', 'footnotes']],
    table: [['align', 'left', 'center', 'right']],
    td: ['align', 'colSpan', 'rowSpan'],
    th: ['align', 'colSpan', 'rowSpan', 'scope', 'abbr'],
    time: ['dateTime'],
    ul: [['className', 'contains-task-list']],
  },
  ancestors: {
    ...defaultSchema.ancestors,
    input: ['li'],
    caption: ['table'],
    col: ['table'],
    colgroup: ['table'],
    figcaption: ['figure'],
  },
  clobber: ['id', 'ariaDescribedBy'],
  clobberPrefix: ID_PREFIX,
  // The patterns above recognise schemes in any case.
  protocols: {},
};
