import fc from 'fast-check';
import type { Element, Nodes } from 'hast';
import rehypeRaw from 'rehype-raw';
import { unified } from 'unified';
import {
  parseMarkdown,
  referencesIn,
  relativePath,
  renderMarkdown,
  topHeadingsIn,
} from '../../../publishing/markdown/markdown.ts';

function render(markdown: string) {
  return renderMarkdown(
    parseMarkdown(markdown),
    (path) => `lectern-asset:courses/sound/${path.replaceAll(/\W/g, '')}.png`,
  );
}

describe('the HTML of a lesson', () => {
  it('has tables with alignment, as in GitHub Flavored Markdown', () => {
    const { html } = render('| Level | Time |\n| :-: | --: |\n| 85 dB | 8 h |');
    expect(html).toContain('<th align="center">Level</th>');
    expect(html).toContain('<td align="right">8 h</td>');
  });

  it('names the language of a code block', () => {
    expect(render('```python\nprint("<b>")\n```').html).toBe(
      '<pre><code class="language-python">print("&#x3C;b>")\n</code></pre>',
    );
  });

  it('has task lists with disabled checkboxes', () => {
    expect(render('- [x] listen\n- [ ] write').html).toContain('<input type="checkbox" checked disabled> listen');
  });

  it('links footnotes in both directions', () => {
    const { html } = render('Sound[^1].\n\n[^1]: It moves the air.');
    expect(html).toContain('href="#user-content-fn-1" id="user-content-fnref-1"');
    expect(html).toContain('<li id="user-content-fn-1">');
    expect(html).toContain('href="#user-content-fnref-1"');
  });

  it('keeps struck text, links and bare URLs', () => {
    const { html } = render('~~no~~ [site](https://example.com/?a=1&b=2 "Title") www.example.org <ada@example.com>');
    expect(html).toContain('<del>no</del>');
    expect(html).toContain('<a href="https://example.com/?a=1&#x26;b=2" title="Title">site</a>');
    expect(html).toContain('<a href="http://www.example.org">www.example.org</a>');
    expect(html).toContain('<a href="mailto:ada@example.com">');
  });

  it('keeps links to lessons for the app to resolve', () => {
    expect(render('[ear](lesson:the-ear)').html).toBe('<p><a href="lesson:the-ear">ear</a></p>');
  });

  it.each(['lesson:The-Ear', 'lesson:../admin', 'lesson:a--b', 'lesson:the-ear/x', 'lesson:', 'LESSON:the-ear'])(
    'takes the address from %s, which is no id of a lesson',
    (target) => {
      expect(render(`[ear](${target})`).html).toBe('<p><a>ear</a></p>');
    },
  );

  it('keeps harmless HTML tags', () => {
    expect(
      render('H<sub>2</sub>O <kbd>Ctrl</kbd>\n\n<details><summary>More</summary>\n\ntext\n\n</details>').html,
    ).toBe('<p>H<sub>2</sub>O <kbd>Ctrl</kbd></p>\n<details><summary>More</summary>\n<p>text</p>\n</details>');
  });
});

describe('the excerpt of a lesson', () => {
  it('is the whole HTML if that is short', () => {
    const { html, excerpt } = render('One.\n\n> Two.\n\n![a wave](media/wave.png)');
    expect(excerpt).toBe(html);
  });

  it('consists of whole blocks, as many as fit into 4,000 bytes', () => {
    const paragraph = 'é'.repeat(600);
    const { html, excerpt } = render(Array.from({ length: 5 }, () => paragraph).join('\n\n'));
    expect(html.split('<p>')).toHaveLength(6);
    expect(excerpt).toBe(Array.from({ length: 3 }, () => `<p>${paragraph}</p>`).join('\n'));
  });

  it('is empty if the first block is longer', () => {
    expect(render('long '.repeat(1000)).excerpt).toBe('');
  });
});

describe('images', () => {
  it('become references, in the HTML and in the Markdown', () => {
    expect(render('Look: ![the *ear*](media/ear.png "An ear") there')).toMatchObject({
      markdown: 'Look: ![the *ear*](lectern-asset:courses/sound/mediaearpng.png "An ear") there',
      html: '<p>Look: <img src="lectern-asset:courses/sound/mediaearpng.png" alt="the ear" title="An ear"> there</p>',
    });
  });

  it('may have spaces in their names, escaped or not', () => {
    const { markdown, html } = render('![a](<media/my ear.png>) ![b](media/my%20ear.png)');
    expect(markdown).toBe(
      '![a](lectern-asset:courses/sound/mediamyearpng.png) ![b](lectern-asset:courses/sound/mediamyearpng.png)',
    );
    expect(html.match(/src="lectern-asset:courses\/sound\/mediamyearpng\.png"/g)).toHaveLength(2);
  });

  it('are mapped once, in their definition', () => {
    const { markdown, html } = render('![one][ear] ![two][ear]\n\n[ear]: media/ear.png\n[ear]: media/other.png');
    expect(markdown).toContain('[ear]: lectern-asset:courses/sound/mediaearpng.png\n[ear]: media/other.png');
    expect(html.match(/src="lectern-asset:/g)).toHaveLength(2);
  });

  it('stay unchanged in code and on other servers', () => {
    const markdown = '`![a](media/a.png)` ![b](https://example.com/b.png)\n\n```\n![c](media/c.png)\n```';
    expect(render(markdown).markdown).toBe(markdown);
  });

  it.each([
    ['media/a.png', 'media/a.png'],
    ['media/100%.png', 'media/100%.png'],
    ['..%2Fsecret.png', '../secret.png'],
    ['https://example.com/a.png', null],
    ['//example.com/a.png', null],
    ['/a.png', null],
    ['data:image/png;base64,AA', null],
    ['#a', null],
    ['', null],
  ])('have in %j the path %j', (target, path) => {
    expect(relativePath(target)).toBe(path);
  });
});

describe('the references in a text', () => {
  it('have the place of each URL', () => {
    const text = parseMarkdown(
      'A [link](lesson:ear)\nand ![a *b*](media/a.png).\n\n> - <https://example.com>\n>   [x][y]\n\n[y]: lesson:nose\n',
    );
    expect(referencesIn(text)).toEqual([
      { kind: 'link', target: 'lesson:ear', place: { line: 1, column: 10 }, inHtml: false },
      { kind: 'image', target: 'media/a.png', place: { line: 2, column: 14 }, inHtml: false },
      { kind: 'link', target: 'https://example.com', place: { line: 4, column: 5 }, inHtml: false },
      { kind: 'link', target: 'lesson:nose', place: { line: 7, column: 6 }, inHtml: false },
    ]);
  });

  it('include those in HTML', () => {
    const text = parseMarkdown('An <a href="lesson:ear">ear</a>.\n\n<p>\n  <img src="media/a.png">\n</p>');
    expect(referencesIn(text)).toEqual([
      { kind: 'link', target: 'lesson:ear', place: { line: 1, column: 4 }, inHtml: true },
      { kind: 'image', target: 'media/a.png', place: { line: 4, column: 3 }, inHtml: true },
    ]);
  });

  it('do not include code', () => {
    expect(referencesIn(parseMarkdown('`[a](lesson:x)`\n\n    [b](lesson:y)'))).toEqual([]);
  });

  it('come with the level-1 headings', () => {
    const text = parseMarkdown('## Fine\n\n# Not fine\n\nNeither\n===\n\n<h1>Nor this</h1>');
    expect(topHeadingsIn(text)).toEqual([
      { line: 3, column: 1 },
      { line: 5, column: 1 },
      { line: 8, column: 1 },
    ]);
  });
});

describe('the words of a text', () => {
  it.each([
    ['Sound is *what* moves the air.', 6],
    ['un*believ*able', 1],
    ["don't, well-kept, 3.14", 3],
    ['- one\n- two\n\n| a | b |\n| - | - |\n| c | d |', 6],
    ['`let x = 1`', 3],
    ['![not read](media/a.png) [read](https://example.com)', 1],
    ['<p hidden>tags</p>', 0],
    ['音は空気を動かす', 5],
    ['', 0],
  ])('in %j are %d', (markdown, words) => {
    expect(render(markdown).wordCount).toBe(words);
  });
});

/** Written down apart from the sanitiser's own list, so that a slip there shows here. */
const HARMLESS_TAGS = new Set(
  `a b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img input ins kbd li ol p pre q rp rt ruby
   s samp section span strike strong sub summary sup table tbody td tfoot th thead tr tt ul var`.split(/\s+/),
);
const HARMLESS_ATTRIBUTES = new Set(
  `align alt ariaDescribedBy ariaLabel checked className colSpan dataFootnoteBackref dataFootnoteRef dataFootnotes dir
   disabled height href id lang reversed rowSpan scope src start title type width`.split(/\s+/),
);
const HARMLESS_CLASS = /^(?:language-.+|sr-only|footnotes|data-footnote-backref|task-list-item|contains-task-list)$/;

const SCRIPT = 'alert(1)';
const PAYLOADS = [
  `<script>${SCRIPT}</script>`,
  `<scr<script>ipt>${SCRIPT}</scr</script>ipt>`,
  `<SCRIPT SRC=//evil.example/x.js></SCRIPT>`,
  `<img src=x onerror=${SCRIPT}>`,
  `<img src="x" / onerror="${SCRIPT}">`,
  `<img/src=x/onerror=${SCRIPT}//`,
  `<img src=x onerror\n=\n${SCRIPT}>`,
  `<img srcset="https://evil.example/x 1x">`,
  `<img src="javascript:${SCRIPT}">`,
  `<img src="data:image/svg+xml;base64,PHN2Zz4=">`,
  `<svg onload=${SCRIPT}>`,
  `<svg><script>${SCRIPT}</script></svg>`,
  `<svg><a xlink:href="javascript:${SCRIPT}"><text>x</text></a></svg>`,
  `<svg><foreignObject><iframe srcdoc="<script>${SCRIPT}</script>"></foreignObject></svg>`,
  `<svg><animate onbegin=${SCRIPT} attributeName=x dur=1s>`,
  `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${SCRIPT}&gt;">`,
  `<math><mi//xlink:href="data:x,<script>${SCRIPT}</script>">`,
  `<form action="javascript:${SCRIPT}"><input type=submit></form>`,
  `<input autofocus onfocus=${SCRIPT}>`,
  `<li><input type="image" src="javascript:${SCRIPT}" formaction="javascript:${SCRIPT}">`,
  `<button formaction="javascript:${SCRIPT}">x</button>`,
  `<select onfocus=${SCRIPT} autofocus><option>x</select>`,
  `<textarea onfocus=${SCRIPT} autofocus></textarea><img src=x onerror=${SCRIPT}>`,
  `<iframe src="javascript:${SCRIPT}"></iframe>`,
  `<iframe srcdoc="<script>${SCRIPT}</script>"></iframe>`,
  `<object data="javascript:${SCRIPT}"></object>`,
  `<embed src="javascript:${SCRIPT}">`,
  `<base href="javascript:${SCRIPT}//">`,
  `<link rel=stylesheet href="https://evil.example/x.css">`,
  `<meta http-equiv=refresh content="0;url=javascript:${SCRIPT}">`,
  `<style>@import 'https://evil.example/x.css';</style>`,
  `<style><img src="</style><img src=x onerror=${SCRIPT}>">`,
  `<div style="background:url(javascript:${SCRIPT})">x</div>`,
  `<p style="position:fixed;inset:0">x</p>`,
  `<a href="javascript:${SCRIPT}">x</a>`,
  `<a href="JaVaScRiPt:${SCRIPT}">x</a>`,
  `<a href=" javascript:${SCRIPT}">x</a>`,
  `<a href="java\tscript:${SCRIPT}">x</a>`,
  `<a href="&#106;&#97;vascript:${SCRIPT}">x</a>`,
  `<a href="&#x01;javascript:${SCRIPT}">x</a>`,
  `<a href="javascript&colon;${SCRIPT}">x</a>`,
  `<a href="vbscript:msgbox(1)">x</a>`,
  `<a href="data:text/html,<script>${SCRIPT}</script>">x</a>`,
  `<a href="//evil.example">x</a>`,
  `<a href="/logout">x</a>`,
  `<a href="https://example.com" target=_blank onclick=${SCRIPT} ping="https://evil.example">x</a>`,
  `<a id="config" name="config" href="#x">x</a>`,
  `<img name="getElementById" id="cookie">`,
  `[x](javascript:${SCRIPT})`,
  `[x](<java\nscript:${SCRIPT}>)`,
  `[x](&#x6A;avascript:${SCRIPT})`,
  `[x](vbscript:x)`,
  `[x](data:text/html;base64,PHNjcmlwdD4=)`,
  `[x]: javascript:${SCRIPT}\n\n[x]`,
  `<javascript:${SCRIPT}>`,
  `![x](javascript:${SCRIPT})`,
  `![x](data:image/svg+xml,<svg/onload=${SCRIPT}>)`,
  `![x](https://example.com/"onerror="${SCRIPT})`,
  `![x" onerror="${SCRIPT}](media/a.png)`,
  `[x](https://example.com "\\" onmouseover=\\"${SCRIPT}")`,
  `\`\`\`"onmouseover="${SCRIPT}\nx\n\`\`\``,
  `<noscript><p title="</noscript><img src=x onerror=${SCRIPT}>"></noscript>`,
  `<template><img src=x onerror=${SCRIPT}></template>`,
  `<title><img src=x onerror=${SCRIPT}></title>`,
  `<xmp><img src=x onerror=${SCRIPT}></xmp>`,
  `<plaintext><img src=x onerror=${SCRIPT}>`,
  `<!--><img src=x onerror=${SCRIPT}>-->`,
  `<![CDATA[<img src=x onerror=${SCRIPT}>]]>`,
  `<?xml-stylesheet href="javascript:${SCRIPT}"?>`,
  `<table><td><script>${SCRIPT}</script></table>`,
  `<details open ontoggle=${SCRIPT}>x</details>`,
  `<video><source onerror=${SCRIPT}></video><audio src=x onerror=${SCRIPT}>`,
  `<marquee onstart=${SCRIPT}>x</marquee>`,
  `<picture><source srcset="https://evil.example/x"><img></picture>`,
  `<x-app onclick=${SCRIPT}>x</x-app>`,
  `<p slot="x" is="x-app" part="x" itemprop="x" contenteditable>x</p>`,
  `<q cite="javascript:${SCRIPT}">x</q>`,
  `<body onload=${SCRIPT}>`,
  `<isindex action="javascript:${SCRIPT}">`,
] as const;

describe('sanitizing', () => {
  it.each(PAYLOADS)('removes everything that runs or loads from %j', (payload) => {
    expect(harmIn(render(payload).html)).toEqual([]);
    expect(harmIn(render(`Before.\n\n${payload}\n\nAfter.`).html)).toEqual([]);
  });

  it('holds for all combinations of them', () => {
    const wrapping = fc.constantFrom(
      '',
      '\n\n',
      ' ',
      '> ',
      '- ',
      '| a |\n| - |\n| ',
      '`',
      '**',
      '[^1]: ',
      '<div>',
      '</div>',
      '<table>',
      '<!--',
      '-->',
      '"',
      "'",
      '<',
    );
    const document = fc.array(fc.oneof(fc.constantFrom(...PAYLOADS), wrapping, fc.string({ maxLength: 8 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(document, (parts) => {
        expect(harmIn(render(parts.join('')).html)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Everything in HTML, read as a browser reads it, that a lesson must not have. */
function harmIn(html: string): string[] {
  const tree = unified()
    .use(rehypeRaw)
    .runSync({ type: 'root', children: [{ type: 'raw', value: html }] });
  return [...elementsOf(tree)].flatMap((element) => [
    ...(HARMLESS_TAGS.has(element.tagName) ? [] : [`<${element.tagName}>`]),
    ...(element.tagName === 'input' ? harmInCheckbox(element) : []),
    ...Object.entries(element.properties).flatMap(([name, value]) =>
      isHarmless(element.tagName, name, value) ? [] : [`<${element.tagName} ${name}=${JSON.stringify(value)}>`],
    ),
  ]);
}

function harmInCheckbox({ properties }: Element): string[] {
  return properties['type'] === 'checkbox' && properties['disabled'] === true ? [] : ['an input that can be used'];
}

function isHarmless(tag: string, name: string, value: unknown): boolean {
  if (!HARMLESS_ATTRIBUTES.has(name)) return false;
  if (name === 'href')
    return tag === 'a' && /^(?:https?:\/\/|mailto:|lesson:[a-z0-9-]+$|#user-content-fn)/i.test(String(value));
  if (name === 'src') return tag === 'img' && /^(?:https:\/\/|lectern-asset:)/i.test(String(value));
  if (name === 'id') return /^(?:user-content-fn|footnote-label$)/.test(String(value));
  if (name === 'className') return Array.isArray(value) && value.every((item) => HARMLESS_CLASS.test(String(item)));
  return true;
}

function* elementsOf(node: Nodes): Generator<Element> {
  if (node.type === 'element') yield node;
  if ('children' in node) for (const child of node.children) yield* elementsOf(child);
}
