import fc from 'fast-check';
import { parseMarkdown, renderMarkdown, type TextOptions } from '../../../publishing/markdown/markdown.ts';

function render(markdown: string, options: TextOptions = {}) {
  const warnings: string[] = [];
  const warn = ({ place, message }: { place: { line: number; column: number }; message: string }) =>
    warnings.push(`${place.line}:${place.column} ${message}`);
  const text = parseMarkdown(markdown, options);
  text.warnings.forEach(warn);
  return { ...renderMarkdown(text, (path) => `lectern-asset:${path}`, { warn }), warnings };
}

/** The TeX of each formula, with `$$` for those that are blocks. */
function formulasIn(html: string): string[] {
  return [...html.matchAll(/<math(?<block> display="block")?.*?<annotation[^>]*>(?<tex>.*?)<\/annotation>/gs)].map(
    ({ groups }) => {
      const tex = (groups?.['tex'] ?? '').replaceAll('&#x3C;', '<').replaceAll('&#x26;', '&');
      return groups?.['block'] === undefined ? tex : `$$${tex}`;
    },
  );
}

describe('formulas', () => {
  it.each([
    ['Let $a_1 + b_2$ and $c * d * e$, $x<y$.', ['a_1 + b_2', 'c * d * e', 'x<y']],
    ['$\\mathbf{X}_1 = (x_{1,1})$ and $\\{1,2\\}$', ['\\mathbf{X}_1 = (x_{1,1})', '\\{1,2\\}']],
    ['An $n$-gon, the $n$th, 设$x$为, 3$\\times$3.', ['n', 'n', 'x', '\\times']],
    ['$`x_1`$ and $a\n= b$', ['x_1', 'a\n= b']],
    ['A $$x_1$$ in a text', ['$$x_1']],
    [
      '$$\nA =\n\\begin{pmatrix}\na_1 \\\\\nb_2\n\\end{pmatrix}\n-\nB\n$$',
      ['$$A =\n\\begin{pmatrix}\na_1 \\\\\nb_2\n\\end{pmatrix}\n-\nB'],
    ],
    ['$$ a\n= b\n+ c $$', ['$$a\n= b\n+ c']],
    ['$$\na\n\n= b\n$$', ['$$a\n\n= b']],
    ['Text\n$$\na\n---\n$$\ntext', ['$$a\n---']],
    ['> $$\n> a_1 * b * c\n> $$\n\n- $$x$$\n- y', ['$$a_1 * b * c', '$$x']],
    ['```math\n\\begin{align} a &= b \\end{align}\n```', ['$$\\begin{align} a &= b \\end{align}']],
    ['| a |\n| - |\n| $x_1$ and $y_1$ |', ['x_1', 'y_1']],
    ['## The $x^2$', ['x^2']],
  ])('are read as they are written: %j', (markdown, formulas) => {
    const { html, warnings } = render(markdown);
    expect([formulasIn(html), warnings]).toEqual([formulas, []]);
    expect(html).not.toMatch(/<em>|<h2[^>]*>(?!The)/);
  });

  it.each([
    '$5 or $6',
    'US$5 and US$6',
    '($5) and ($6)',
    '$HOME and $PATH',
    '$HOME:$PATH',
    '\\$x\\$',
    '`$x$`',
    '$ x $',
    '$$ $$',
    'a $$ b',
    '$$\nnever closed',
    '```\n$x$\n```',
    '> $$\nlazy',
  ])('are not what %j has', (markdown) => {
    const { html } = render(markdown);
    expect(html).not.toContain('<math');
    expect(html).toContain('$');
  });

  it('stay in the Markdown as they are', () => {
    const markdown = '$a_1\\{$ and\n\n$$\n<!-- not a comment -->\n\\\\\n$$';
    expect(render(markdown).markdown).toBe(markdown);
  });

  it('stay code if they are not TeX, with a warning', () => {
    const { html, warnings } = render('A $\\nope{x}$.');
    expect(html).toBe('<p>A <code class="language-math math-inline">\\nope{x}</code>.</p>');
    expect(warnings).toEqual([
      '1:3 \\nope{x} is published as code, because it is no formula: Unsupported function name: \\nope',
    ]);
  });

  it('never make a text be lost, whatever is between dollars', () => {
    const part = fc.constantFrom('$', '$$', '$$\n', '\n', 'a', ' ', '\\', '`', '5', '> ', '- ', '{', '\n\n');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const { html } = render(`start ${parts.join('')}\n\nend`);
        expect(html).toContain('start');
        expect(html).toContain('end');
      }),
      { numRuns: 500 },
    );
  });
});

describe('headings', () => {
  const idsIn = (markdown: string) =>
    render(markdown).headings.map(({ id, level, title }) => [level, id.replace('user-content-', ''), title]);

  it('have the slugs of GitHub, in every script', () => {
    expect(
      idsIn('## First part\n\n## First part\n\n### Ünïcode 日本語!\n\nSetext\n------\n\n## `code` & *more*'),
    ).toEqual([
      [2, 'first-part', 'First part'],
      [2, 'first-part-1', 'First part'],
      [3, 'ünïcode-日本語', 'Ünïcode 日本語!'],
      [2, 'setext', 'Setext'],
      [2, 'code--more', 'code & more'],
    ]);
  });

  it.each([
    ['## Part {#my-id}', 'my-id'],
    ['## Part {#my-id .class key=value}', 'my-id'],
    ['## Part { #my-id }', 'my-id'],
    ['## Part {: #my-id }', 'my-id'],
    ['## Part {/* #my-id */}', 'my-id'],
    ['## Part {.unnumbered}', 'part'],
    ['## <small>Part</small> {#my-id}', 'my-id'],
    ['<h2 id="my-id">Part</h2>', 'my-id'],
  ])('keep the id that %j gives them', (markdown, id) => {
    const { html } = render(markdown);
    expect(idsIn(markdown)).toEqual([[2, id, 'Part']]);
    expect(html).toContain(`id="user-content-${id}"`);
    expect(html).not.toContain('{');
  });

  it('have in the HTML the id that the list of headings has', () => {
    const { html, headings } = render('## One\n\ntext\n\n<h3>Two</h3>\n\n> ## Three');
    expect(headings.map(({ id }) => id)).toEqual([...html.matchAll(/<h\d id="(.*?)"/g)].map(([, id]) => id));
  });

  it('of the first level become those of the second, in the Markdown too', () => {
    const { html, markdown } = render('# One\n\nTwo\n===\n\n<h1>Three</h1>');
    expect(html.match(/<h2/g)).toHaveLength(3);
    expect(markdown).toBe('## One\n\nTwo\n---\n\n<h2>Three</h2>');
  });

  it('that only repeat the title are left out', () => {
    expect(render('# The *Ear*\n\nText.', { title: 'The ear' })).toMatchObject({
      html: '<p>Text.</p>',
      markdown: 'Text.',
      headings: [],
    });
  });
});

describe('anchors', () => {
  it('have a prefix in the HTML, and so do the links to them', () => {
    const { html, markdown } = render('<a name="here"></a> [x](#here) <span id="there">y</span> [z](#日本)');
    expect(html).toContain('<a id="user-content-here"></a> <a href="#user-content-here">x</a>');
    expect(html).toContain('<span id="user-content-there">');
    expect(html).toContain('href="#user-content-%E6%97%A5%E6%9C%AC"');
    expect(markdown).toContain('[x](#here)');
  });

  it('of footnotes differ from lesson to lesson', () => {
    const { html } = render('A[^x].\n\n[^x]: B.', { lessonId: 'the-ear' });
    expect(html).toContain('href="#user-content-the-ear-fn-x" id="user-content-the-ear-fnref-x"');
    expect(html).toContain('<li id="user-content-the-ear-fn-x">');
    expect(html).toContain('aria-describedby="user-content-the-ear-footnote-label"');
    expect(html).toContain('id="user-content-the-ear-footnote-label"');
  });

  it.each([
    ['de', 'Fußnoten', 'Zurück zum Verweis 1'],
    ['pt-BR', 'Notas de rodapé', 'Voltar à referência 1'],
    ['zh-Hans', '脚注', '返回引用 1'],
    ['tlh', 'Footnotes', 'Back to reference 1'],
  ])('of footnotes have labels in the language of the course: %s', (language, label, back) => {
    const { html, headings } = render('A[^x].\n\n[^x]: B.', { language });
    expect(html).toContain(`>${label}</h2>`);
    expect(html).toContain(`aria-label="${back}"`);
    expect(headings).toEqual([]);
  });
});

describe('what GitHub shows', () => {
  it.each(['note', 'tip', 'important', 'warning', 'caution'])('has alerts: %s', (kind) => {
    const { html } = render(`> [!${kind.toUpperCase()}]\n> Mind *this*.`);
    expect(html).toMatch(
      new RegExp(
        `^<div class="markdown-alert markdown-alert-${kind}">\\n<p class="markdown-alert-title">\\w+</p>\\n<p>Mind <em>this</em>.</p>\\n</div>$`,
      ),
    );
  });

  it('has alerts with a title in the language of the course', () => {
    expect(render('> [!NOTE]\n> x', { language: 'fr' }).html).toContain('>Remarque</p>');
  });

  it.each(['> [!NOTE] x', '> [!OTHER]\n> x', '> x\n> [!NOTE]', '> [!NOTE]'])('has none for %j', (markdown) => {
    expect(render(markdown).html).toMatch(/^<blockquote>/);
  });

  it('has emoji for their codes, outside of code and ids', () => {
    const { html, markdown } = render('## :tada: x\n\n:+1: `:+1:` :nope: 10:30:45');
    expect(html).toBe('<h2 id="user-content-tada-x">🎉 x</h2>\n<p>👍 <code>:+1:</code> :nope: 10:30:45</p>');
    expect(markdown).toContain(':+1: `:+1:`');
  });

  it('has figures, captions and marks', () => {
    const html =
      '<figure><figcaption>A</figcaption></figure>\n\n<table><caption>B</caption><tr><td>c</td></tr></table>\n\n<mark>m</mark> <abbr title="World">W</abbr> <small>s</small> <u>u</u> <time datetime="2020">t</time> <cite>c</cite> <bdo dir="rtl">d</bdo>';
    expect(render(html).html.replaceAll(/<\/?(?:p|tbody)>|\n/g, '')).toBe(html.replaceAll('\n', ''));
  });

  it('has definition lists', () => {
    expect(render('Term\n: Its meaning').html.replaceAll('\n', '')).toBe('<dl><dt>Term</dt><dd>Its meaning</dd></dl>');
  });
});

describe('the language of a code block', () => {
  it.each([
    ['{.python .input}', 'python', undefined],
    ['rust,ignore', 'rust', undefined],
    ['C++', 'c++', undefined],
    ['js {1,3} title="a.js"', 'js', 'a.js'],
    ['python:src/main.py', 'python', 'src/main.py'],
    ['{r, echo=FALSE}', 'r', undefined],
    ['{code-cell} ipython3', 'ipython3', undefined],
    ['jsx live noInline', 'jsx', undefined],
  ])('of %j is %s', (info, language, title) => {
    const attribute = title === undefined ? '' : ` title="${title}"`;
    expect(render(`\`\`\`${info}\nx\n\`\`\``).html).toBe(
      `<pre><code class="language-${language}"${attribute}>x\n</code></pre>`,
    );
  });
});

describe('embedded videos', () => {
  const YOUTUBE = '<iframe src="https://www.youtube.com/embed/abc123?rel=0" title="A talk"></iframe>';

  it('become links with a poster', () => {
    expect(render(YOUTUBE)).toMatchObject({
      html: '<a href="https://www.youtube.com/watch?v=abc123"><img src="https://i.ytimg.com/vi/abc123/hqdefault.jpg" alt="A talk"></a>',
      warnings: [],
    });
  });

  it('become sandboxed frames where the author chooses these', () => {
    expect(render(YOUTUBE, { embeds: 'frame' }).html).toBe(
      '<iframe src="https://www.youtube-nocookie.com/embed/abc123" title="A talk" width="560" height="315" sandbox="allow-scripts allow-same-origin allow-popups allow-presentation" allow="fullscreen; picture-in-picture" referrerpolicy="strict-origin-when-cross-origin" loading="lazy"></iframe>',
    );
  });

  it.each([
    'https://www.youtube.com.evil.example/embed/abc123',
    'https://www.youtube.com@evil.example/embed/abc123',
    'https://www.youtube.com/embed/../logout',
    'javascript:alert(1)',
    'http://www.youtube.com/embed/abc123',
    '//evil.example',
  ])('are no frames if they are at %s', (src) => {
    const { html, warnings } = render(`<iframe src="${src}"></iframe>`, { embeds: 'frame' });
    expect(html).not.toContain('iframe');
    expect(warnings).toHaveLength(1);
  });

  it('become links where they are elements of their own, with a warning', () => {
    const { html, warnings } = render('<video controls src="https://example.com/a.mp4">A clap</video>');
    expect(html).toContain('<a href="https://example.com/a.mp4">A clap</a>');
    expect(warnings).toHaveLength(1);
  });
});

describe('comments of the author', () => {
  it.each([
    ['One.\n\n<!-- secret -->\n\nTwo.', 'One.\n\nTwo.'],
    ['One <!-- secret --> two.', 'One  two.'],
    ['<!--\nsecret\n\nsecret\n-->\nText.', 'Text.'],
    ['<p>x<!-- secret --></p>', '<p>x</p>'],
    ['> <!-- secret\n> secret -->\n>\n> Text.', '> \n>\n> Text.'],
    ['[//]: # (secret)\n\nText.', 'Text.'],
    ['- a\n\n<!-- secret -->\n\n- b', '- a\n\n<!-- -->\n\n- b'],
    ['<!-- secret, never closed', ''],
    ['`<!-- shown -->`\n\n```\n<!-- shown -->\n```', '`<!-- shown -->`\n\n```\n<!-- shown -->\n```'],
  ])('are not published: %j', (source, published) => {
    const { markdown, html } = render(source);
    expect(markdown).toBe(published);
    expect(html).not.toContain('secret');
  });
});

describe('warnings of what is lost', () => {
  it.each([
    ['A `Vec` of Vec<String> here', '1:15 <String> is no tag of HTML and is left out.'],
    [
      '<Listing number="1" caption="A program">\n\nx\n\n</Listing>',
      '1:1 <Listing> is a component of another tool: its content is published without it, and without caption="A program".',
    ],
    ['text\n\n<script>\nx\n</script>', '3:1 <script> is not published, with all that is in it'],
    ['<svg width="1"><circle r="5"/></svg>', '1:1 <svg> is not published, with all that is in it'],
    ['a <button>b</button>', '1:3 <button> is not published; its content is'],
    ['x <td>y</td>', '1:3 <td> has no meaning here'],
    ['a\n\n{{#include ../a.rs}}', '3:1 {{#include ../a.rs}} is a directive of mdBook'],
    ['{{< figure src="a.png" >}}', '1:1 {{< figure src="a.png" >}} is a shortcode of Hugo'],
    ['{% include x.html %}', '1:1 {% include x.html %} is a tag of Liquid'],
    ['<div>\n{% include x.html %}\n</div>', '2:1 {% include x.html %} is a tag of Liquid'],
    ['<center>x</center>\nA $\\frac{1}{2}$', '2:3 $\\frac{1}{2}$ is in a block of HTML'],
    ['{{ page.title }}', '1:1 {{ page.title }} is a variable'],
    [':::note\n\nx', '1:1 :::note is a directive'],
    ['> !!! tip "T"', '1:3 !!! tip "T" is an admonition of MkDocs'],
    ['import X from "y"', '1:1 import X from "y" is code of MDX'],
    ['<Quiz a={[{b: 1}]} />', '1:1 <Quiz a={[{b: 1}]} /> is a component'],
    ['[TOC]', '1:1 [TOC] is published as text'],
    ['see [[wiki link]]', '1:5 [[wiki link]] is a link of a wiki'],
    ['see :numref:`fig_x`', '1:5 :numref: is a role'],
    ['see {ref}`x`', '1:5 {ref} is a role'],
    ['```{note}\nx\n```', '1:1 {note} is a directive'],
    ['x[^1]', '1:2 [^1] refers to a footnote that is not there'],
    ['x\n\n[^1]: y', '3:1 nothing refers to the footnote [^1]'],
    ['[x][y]', '1:1 [x][y] refers to an address that is not there'],
    ['*[HTML]: Hyper', '1:1 *[HTML]: Hyper is an abbreviation'],
  ])('%j', (markdown, expected) => {
    const { warnings } = render(markdown);
    expect(warnings.map((warning) => warning.slice(0, expected.length))).toEqual([expected]);
  });

  it.each([
    '`Vec<String>` and `{{ x }}`',
    '```\n{{#include x}}\n:::note\n```',
    '\\{{ x }} and \\<String>',
    '<div align="center"><b>x</b></div>\n\n<details><summary>a</summary>\n\nb\n\n</details>',
    '| a |\n| - |\n| b |\n\n- [ ] c[^1]\n\n[^1]: d',
    '10:30 :smile: {x} [y] a::b',
    '<table><tr><td>x</td></tr></table>',
    '<center>x</center>',
    '<pre>{% x %}</pre>\n\n<p title="{{ x }}"><!-- {% x %} --></p>',
    '## Part {#my-id}',
  ])('there are none for %j', (markdown) => {
    expect(render(markdown).warnings).toEqual([]);
  });
});
