import type { Element, Nodes, Root } from 'hast';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize, { type Options } from 'rehype-sanitize';
import temml from 'temml';
import { unified } from 'unified';
import { replaceNodes, textIn } from './tree.ts';

/*
 * Formulas become MathML, which every current browser shows and reads aloud without a script. The TeX stays in it as an
 * annotation (MathML Core section 5.2), for apps that show formulas in another way.
 */

/** The attributes of MathML Core that Temml writes, and what older engines need. None of them loads or runs anything. */
const PRESENTATION = [
  ...['accent', 'accentunder', 'columnalign', 'columnlines', 'columnspacing', 'columnspan', 'depth', 'displaystyle'],
  ...['fence', 'form', 'height', 'largeop', 'linethickness', 'lspace', 'mathcolor', 'mathvariant', 'maxsize'],
  ...['minsize', 'movablelimits', 'notation', 'rowlines', 'rowspacing', 'rowspan', 'rspace', 'scriptlevel'],
  ...['separator', 'stretchy', 'symmetric', 'voffset', 'width'],
];

/**
 * What is kept of Temml's output: no styles, no links and no text in HTML, so that nothing in a formula can leave it.
 * The classes are those of Temml's style sheets, which align equations where an app has one.
 */
const MATHML: Options = {
  tagNames: [
    ...[
      'math',
      'semantics',
      'annotation',
      'mrow',
      'mi',
      'mn',
      'mo',
      'ms',
      'mtext',
      'mspace',
      'mfrac',
      'msqrt',
      'mroot',
    ],
    ...['msub', 'msup', 'msubsup', 'munder', 'mover', 'munderover', 'mmultiscripts', 'mprescripts', 'none'],
    ...['mtable', 'mtr', 'mtd', 'mpadded', 'mphantom', 'menclose', 'mstyle', 'merror'],
  ],
  strip: [],
  attributes: {
    '*': [...PRESENTATION, ['className', /^(?:tml-[a-z-]+|mathcal|mathscr|chr-sml|wbk-[a-z-]+|upstrike|downstrike)$/]],
    math: [['display', 'block']],
    annotation: [['encoding', 'application/x-tex']],
  },
  clobber: [],
  protocols: {},
};

const readTags = unified().use(rehypeRaw).freeze();
const sanitise = unified().use(rehypeSanitize, MATHML).freeze();

/** Reports a formula that is not TeX, with the element that has it. */
type ReportFormula = (formula: Element, message: string) => void;

/**
 * Replaces the code of formulas by MathML, in HTML that is sanitized already: what this adds has a sanitizer of its own.
 * A formula that is not TeX stays code.
 */
export function renderFormulas(tree: Root, report: ReportFormula): void {
  replaceNodes(tree, (node) => {
    if (node.type !== 'element') return undefined;
    const [only] = node.tagName === 'pre' && node.children.length === 1 ? node.children : [];
    if (only !== undefined && isFormula(only)) return mathOf(only, true, report);
    return isFormula(node) ? mathOf(node, classesOf(node).includes('math-display'), report) : undefined;
  });
}

/** Whether an element is the code of a formula, from dollars or a block of the language `math`. */
function isFormula(node: Nodes): node is Element {
  return node.type === 'element' && classesOf(node).includes('language-math');
}

function classesOf({ properties: { className } }: Element): readonly (string | number)[] {
  return Array.isArray(className) ? className : [];
}

function mathOf(formula: Element, isDisplay: boolean, report: ReportFormula): Element | undefined {
  try {
    const value = temml.renderToString(textIn(formula).trim(), {
      displayMode: isDisplay,
      annotate: true,
      throwOnError: true,
      trust: false,
      maxExpand: MAX_EXPANSIONS,
      maxSize: [MAX_SIZE_EM, MAX_SIZE_EM],
    });
    const math = sanitise.runSync(
      readTags.runSync({ type: 'root', children: [{ type: 'raw', value: colorsAsAttributes(value) }] }),
    );
    const element = math.children.find((child) => child.type === 'element');
    return element && { ...element, position: formula.position };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ParseError') throw error;
    const [reason = ''] = error.message.split(/ at position|\n/);
    report(formula, reason.trim());
    return undefined;
  }
}

/** The most macros in a formula, and the largest length in it. Both are Temml's defaults or less. */
const MAX_EXPANSIONS = 1000;
const MAX_SIZE_EM = 50;

function colorsAsAttributes(math: string): string {
  return math.replaceAll(/ style="color:(#[0-9a-f]{3,8});"/g, ' mathcolor="$1"');
}
