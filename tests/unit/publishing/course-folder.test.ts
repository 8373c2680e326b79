import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { checkCourses } from '../../../publishing/import-courses.ts';
import { InvalidCourses, issueLine } from '../../../publishing/reporting/issue.ts';
import {
  articleFile,
  audioFile,
  BYTES,
  courseYaml,
  PLAYLIST,
  writeCourse,
} from '../../support/builders/course-folder.ts';

const written: string[] = [];

async function folderWith(files: Parameters<typeof writeCourse>[0] = {}): Promise<string> {
  const folder = await writeCourse(files);
  written.push(folder);
  return folder;
}

afterAll(() => Promise.all(written.map((folder) => rm(folder, { recursive: true }))));

/** The lines that an author sees, errors and warnings, with paths from the course folder. */
async function issuesIn(...folders: string[]): Promise<string[]> {
  try {
    await checkCourses(folders, { strict: true });
    return [];
  } catch (error) {
    if (error instanceof InvalidCourses) return error.issues.map((issue) => issueLine(issue, folders[0]));
    throw error;
  }
}

const issuesWith = async (files: Parameters<typeof writeCourse>[0]) => issuesIn(await folderWith(files));

describe('a course folder', () => {
  it('has no issues if everything is valid', async () => {
    expect(await issuesWith({})).toEqual([]);
  });

  it('may use every feature of a course', async () => {
    const head = `preview: true
transcript: media/sound.txt
captions:
  - language: en
    label: English
    file: media/sound.vtt
`;
    const files = {
      'course.yaml': `${courseYaml({ lessons: '[what-is-sound, hearing, seeing]' })}image: media/cover.webp\n`,
      'lessons/what-is-sound.md': audioFile(head, 'media/sound.mp3'),
      'lessons/hearing.md': articleFile(
        'To [sound](lesson:what-is-sound), [out](https://example.com), <ada@example.com>.\n\n![a](media/my%20ear.png) ![b][b] ![c](https://example.com/c.png)\n\n[b]: media/b.gif',
      ),
      'lessons/seeing.md': audioFile('', 'media/seeing/master.m3u8').replace('kind: audio', 'kind: video'),
      'media/cover.webp': BYTES.webp,
      'media/sound.mp3': BYTES.mp3,
      'media/sound.txt': 'A clap.',
      'media/sound.vtt': BYTES.vtt,
      'media/my ear.png': BYTES.png,
      'media/b.gif': BYTES.gif,
      'media/seeing/master.m3u8': '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n360p/index.m3u8\n',
      'media/seeing/360p/index.m3u8': PLAYLIST,
      'media/seeing/360p/init.mp4': BYTES.init,
      'media/seeing/360p/0.m4s': BYTES.m4s,
      'media/.DS_Store': 'of the machine, not of the course',
      'make-media.sh': 'outside of what is imported',
    };
    expect(await issuesWith(files)).toEqual([]);
  });

  it('may have Windows line endings and byte order marks', async () => {
    const windows = (text: string) => `\uFEFF${text.replaceAll('\n', '\r\n')}`;
    expect(
      await issuesWith({
        'course.yaml': windows(courseYaml()),
        'lessons/what-is-sound.md': windows(articleFile('One.\n\n[x](lesson:none)')),
      }),
    ).toEqual(['lessons/what-is-sound.md:8:5 there is no lesson "none" in this course']);
  });

  it('must exist', async () => {
    const folder = join(await folderWith(), 'nowhere');
    expect(await issuesIn(folder)).toEqual(['course.yaml:1:1 folder not found']);
  });

  it('reports every issue at once, by file and from top to bottom', async () => {
    expect(
      await issuesWith({
        'course.yaml': courseYaml({ id: 'Sound', topics: '[]' }),
        'lessons/what-is-sound.md': articleFile('# Hearing\n\n![x](media/none.png)', 'titel: x\n'),
      }),
    ).toEqual([
      'course.yaml:1:5 "id" must be lower-case letters and digits, separated by single hyphens, such as "the-ear"',
      'course.yaml:5:9 "topics" must have at least 1 item',
      'lessons/what-is-sound.md:4:1 unknown key "titel" (did you mean "title"?)',
      'lessons/what-is-sound.md:7:1 warning: level-1 headings are reserved for the lesson title, so this one is published as ##',
      'lessons/what-is-sound.md:9:6 warning: there is no media/none.png',
    ]);
  });

  it('must have a different id from the other folders', async () => {
    const [one, two] = [await folderWith(), await folderWith()];
    expect(await issuesIn(one, two)).toEqual([`../${basename(two)}/course.yaml:1:5 ${one} already has this id`]);
  });
});

describe('course.yaml', () => {
  it.each([
    ['is missing', null, '1:1 file not found: every course needs one'],
    ['is empty', '', '1:1 must be a mapping of keys to values'],
    [
      'is not YAML',
      'id: [a\ntitle: b\n',
      '2:1 Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['has a key twice', `${courseYaml()}id: other\n`, '13:1 Map keys must be unique'],
    [
      'has an alias',
      courseYaml({ topics: '&t [audio]', more: 'image: *t\n' }),
      '13:8 YAML aliases are not supported: repeat the value',
    ],
    [
      'has an unknown key',
      courseYaml({ more: 'autors: [x]\n' }),
      '13:1 unknown key "autors" (did you mean "authors"?)',
    ],
    [
      'has an unknown nested key',
      courseYaml({ lessons: '[what-is-sound]\n    lesons: []' }),
      '13:5 unknown key "lesons" (did you mean "lessons"?)',
    ],
    ['lacks a key', courseYaml().replace('title: Sound and listening\n', ''), '1:1 "title" is missing'],
    ['lacks a nested key', courseYaml().replace('    title: The basics\n', ''), '10:5 "title" is missing'],
    [
      'has a number for a title',
      courseYaml().replace('Sound and listening', '1984'),
      '2:8 "title" must be text (put it in quotes)',
    ],
    [
      'has a title of two lines',
      courseYaml().replace('Sound and listening', '"Sound\\nand listening"'),
      '2:8 "title" must be a single line without control characters',
    ],
    ['has an empty title', courseYaml().replace('Sound and listening', '" "'), '2:8 "title" must not be empty'],
    [
      'has an unknown level',
      courseYaml().replace('beginner', 'begginer'),
      '6:8 "level" must be one of beginner, intermediate, advanced (did you mean "beginner"?)',
    ],
    [
      'has an invalid language',
      courseYaml().replace('language: en', 'language: english!'),
      '4:11 "language" must be a language tag, such as "en" or "pt-BR"',
    ],
    [
      'has a topic that is not a slug',
      courseYaml({ topics: '[audio, Data Vis]' }),
      '5:17 "topics" must be lower-case letters and digits, separated by single hyphens, such as "the-ear"',
    ],
    ['has a topic twice', courseYaml({ topics: '[audio, audio]' }), '5:17 "topics" must not repeat an item'],
    [
      'lists a lesson twice',
      courseYaml({ lessons: '[what-is-sound, what-is-sound]' }),
      '12:30 lesson "what-is-sound" is already listed',
    ],
    [
      'lists a lesson without a file',
      courseYaml({ lessons: '[what-is-sound, what-is-soud]' }),
      '12:30 there is no lessons/what-is-soud.md (did you mean "what-is-sound"?)',
    ],
    [
      'has a module twice',
      courseYaml({ lessons: '[what-is-sound]\n  - {id: basics, title: B, lessons: [what-is-sound]}' }),
      '13:10 duplicate module id "basics"',
    ],
    [
      'has an SVG cover',
      courseYaml({ more: 'image: media/cover.svg\n' }),
      '13:8 media/cover.svg is SVG, which is not allowed because it can contain scripts',
    ],
    [
      'has a cover that is not an image',
      courseYaml({ more: 'image: media/cover.mp3\n' }),
      '13:8 media/cover.mp3 cannot be used as cover: its name must end in .png, .jpg, .jpeg, or .webp',
    ],
  ])('is refused when it %s', async (_, yaml, expected) => {
    const named = /media\/[\w.]+/.exec(yaml ?? '')?.[0];
    const issues = await issuesWith({ 'course.yaml': yaml, ...(named && { [named]: BYTES.mp3 }) });
    expect(issues.filter((issue) => issue.startsWith('course.yaml'))).toContain(`course.yaml:${expected}`);
  });

  it('is refused when it is not UTF-8, with the place of the first wrong byte', async () => {
    const yaml = Buffer.from(courseYaml().replace('Ada Moore', 'Ada \uFFFD M\xf6re'), 'utf8');
    const at = yaml.indexOf(Buffer.from('\xf6', 'utf8'));
    const broken = Buffer.concat([yaml.subarray(0, at), Buffer.from([0xf6]), yaml.subarray(at + 2)]);
    expect(await issuesWith({ 'course.yaml': broken })).toContain(
      'course.yaml:8:18 not valid UTF-8: save the file in this encoding',
    );
  });
});

describe('links in a lesson', () => {
  const lessons = { 'course.yaml': courseYaml({ lessons: '[what-is-sound, the-ear]' }) };
  const withLink = (body: string) => ({
    ...lessons,
    'lessons/what-is-sound.md': articleFile(`## Waves\n\n${body}`),
    'lessons/the-ear.md': articleFile('## Inner ear {#inner}\n\nText.'),
  });
  const published = async (body: string) => {
    const [course] = await checkCourses([await folderWith(withLink(body))]);
    const [sound] = course?.edition.lessons ?? [];
    return { html: sound?.lesson.html.split('\n').at(-1), markdown: sound?.lesson.markdown.split('\n').at(-1) };
  };

  it.each([
    ['the-ear.md', 'lesson:the-ear', ''],
    ['./the-ear.md#inner', 'lesson:the-ear', 'inner'],
    ['../lessons/the-ear.md', 'lesson:the-ear', ''],
    ['the-ear.html', 'lesson:the-ear', ''],
    ['The_Ear.md', 'lesson:the-ear', ''],
    ['../the-ear/', 'lesson:the-ear', ''],
    ['/lessons/the-ear.md', 'lesson:the-ear', ''],
    ['/the-ear', 'lesson:the-ear', ''],
    ['lesson:the-ear#inner', 'lesson:the-ear', 'inner'],
    ['#waves', '', 'waves'],
    ['#Waves', '', 'waves'],
    ['mailto:ada@example.com', 'mailto:ada@example.com', ''],
    ['tel:+49123', 'tel:+49123', ''],
    ['//example.com/x', 'https://example.com/x', ''],
  ])('may be written as %s', async (target, address, fragment) => {
    expect(await issuesWith(withLink(`[x](${target})`))).toEqual([]);
    const inHtml = address + (fragment && `#user-content-${fragment}`);
    const inMarkdown = address + (fragment && `#${fragment}`);
    expect(await published(`[x](${target})`)).toEqual({
      html: `<p><a href="${inHtml}">x</a></p>`,
      markdown: `[x](${inMarkdown})`,
    });
    expect(await published(`<b><a href="${target}">x</a></b>`)).toEqual({
      html: `<p><b><a href="${inHtml}">x</a></b></p>`,
      markdown: `<b><a href="${inMarkdown}">x</a></b>`,
    });
    expect((await published(`[x][y]\n\n[y]: ${target}`)).markdown).toBe(`[y]: ${inMarkdown}`);
  });

  it.each([
    ['the-eer.md', '"the-eer.md" leads to no lesson of this course (did you mean "the-ear"?)'],
    ['../other/the-ear.md', '"../other/the-ear.md" is elsewhere, so this link leads to the lesson of the same name'],
    ['the-ear.md#iner', 'the lesson "the-ear" has no heading "iner" (did you mean "inner"?)'],
    ['#waaves', '"#waaves" leads to no heading of this lesson (did you mean "waves"?)'],
    ['data.csv', '"data.csv" is no lesson of this course'],
    ['ftp://example.com', '"ftp://example.com" is not a valid link'],
    ['../../../etc/passwd', '"../../../etc/passwd" leads to no lesson of this course'],
  ])('get a warning if they lead nowhere: %s', async (target, message) => {
    expect(await issuesWith(withLink(`[x](${target})`))).toEqual([
      expect.stringContaining(`lessons/what-is-sound.md:8:5 warning: ${message}`),
    ]);
  });
});

describe('images in a lesson', () => {
  it.each(['media/ear.png', '../media/ear.png', '/media/ear.png', 'media/ear.png?raw=true'])(
    'may be written as %s, in Markdown and in HTML',
    async (target) => {
      const files = {
        'lessons/what-is-sound.md': articleFile(`![x](${target}) <img src="${target}" width="10">`),
        'media/ear.png': BYTES.png,
      };
      expect(await issuesWith(files)).toEqual([]);
      const [course] = await checkCourses([await folderWith(files)]);
      const { html, markdown } = course?.edition.lessons[0]?.lesson ?? {};
      expect(html?.match(/<img src="lectern-asset:courses\/sound-and-listening\/[0-9a-f]{32}\.png"/g)).toHaveLength(2);
      expect(markdown?.match(/lectern-asset:courses\/sound-and-listening\/[0-9a-f]{32}\.png/g)).toHaveLength(2);
      expect(html).toContain('width="10"');
    },
  );
});

describe('a lesson file', () => {
  it.each([
    [
      'has no front matter',
      'Just text.',
      '1:1 the front matter is missing: start the lesson with ---, its title and kind, and ---',
    ],
    ['does not end its front matter', '---\ntitle: x\n', '1:1 the front matter must end with ---'],
    ['has front matter that is not YAML', '---\ntitle: "x\nkind: article\n---\n', '4:1 Missing closing "quote'],
    ['has an unknown key', articleFile('x', 'previw: true\n'), '4:1 unknown key "previw" (did you mean "preview"?)'],
    ['has an empty front matter', '---\n---\nx', '1:1 must be a mapping of keys to values'],
    ['lacks a title', '---\nkind: article\n---\nx', '2:1 "title" is missing'],
    ['lacks a kind', '---\ntitle: x\n---\nx', '2:1 "kind" is missing'],
    ['has an unknown kind', '---\ntitle: x\nkind: podcast\n---\nx', '3:7 "kind" must be one of article, audio, video'],
    [
      'has a preview that is neither true nor false',
      articleFile('x', 'preview: yes\n'),
      '4:10 "preview" must be true or false',
    ],
    [
      'is an article with media',
      articleFile('x', 'media: media/a.mp3\n'),
      '4:1 "media" is only for audio and video lessons',
    ],
    [
      'is an article with a duration',
      articleFile('x', 'durationSeconds: 1\n'),
      '4:1 "durationSeconds" is only for audio and video lessons',
    ],
    [
      'is an article with a stream',
      articleFile('x', 'stream: media/hls/master.m3u8\n'),
      '4:1 "stream" is only for audio and video lessons',
    ],
    ['is an article without text', articleFile(''), '1:1 the article has no text'],
    ['is audio without media', '---\ntitle: x\nkind: audio\ndurationSeconds: 1\n---\n', '2:1 "media" is missing'],
    [
      'lasts longer than it says',
      audioFile().replace('1.2', '0.6'),
      '5:18 the lesson says 0.6 s, but media/sound.mp3 lasts 1.2 s',
    ],
    [
      'lasts less than it says',
      audioFile().replace('1.2', '1.8'),
      '5:18 the lesson says 1.8 s, but media/sound.mp3 lasts 1.2 s',
    ],
    ['has a duration of zero', audioFile().replace('1.2', '0'), '5:18 "durationSeconds" must be > 0'],
    [
      'links to a lesson that does not exist',
      articleFile('To [the ear](lesson:what-is-soun).'),
      '6:14 there is no lesson "what-is-soun" in this course (did you mean "what-is-sound"?)',
    ],
    [
      'has media at an absolute path',
      audioFile('', '/etc/passwd.mp3'),
      '4:8 "/etc/passwd.mp3" must be a path relative to the course folder',
    ],
    [
      'has media on another server',
      audioFile('', 'https://example.com/a.mp3'),
      '4:8 "https://example.com/a.mp3" must be a path relative to the course folder',
    ],
    [
      'has media at a Windows path',
      audioFile('', 'media\\sound.mp3'),
      '4:8 "media\\sound.mp3" must use "/" as the separator',
    ],
    [
      'has an image for audio',
      audioFile('', 'media/ear.png'),
      '4:8 media/ear.png cannot be used as audio: its name must end in .mp3, .m4a, or .m3u8',
    ],
    [
      'has a stream without a file',
      audioFile('stream: media/hls/master.m3u8\n').replace('media: media/sound.mp3\n', ''),
      '2:1 "media" is missing',
    ],
    [
      'has a second stream',
      audioFile('stream: media/hls/master.m3u8\n', 'media/hls/master.m3u8'),
      '6:9 "media" is already a stream: remove "stream"',
    ],
    [
      'has a stream that is a file',
      audioFile('stream: media/sound.mp3\n'),
      '6:9 media/sound.mp3 cannot be used as stream: its name must end in .m3u8',
    ],
    [
      'has a stream that is missing',
      audioFile('stream: media/hls/mister.m3u8\n'),
      '6:9 there is no media/hls/mister.m3u8 (did you mean "media/hls/master.m3u8"?)',
    ],
    [
      'has captions that are missing',
      audioFile('captions:\n  - {language: en, label: English, file: media/nowhere.vtt}\n'),
      '7:42 there is no media/nowhere.vtt',
    ],
    [
      'has captions with an unknown key',
      audioFile('captions:\n  - {language: en, label: English, src: media/sound.vtt}\n'),
      '7:36 unknown key "src"',
    ],
    [
      'has the same captions twice',
      audioFile(`captions:\n${'  - {language: en, label: English, file: media/sound.vtt}\n'.repeat(2)}`),
      '8:5 duplicate track "English" in the same language',
    ],
    [
      'has a transcript that is not a text file',
      audioFile('transcript: media/ear.png\n'),
      '6:13 media/ear.png cannot be used as transcript: its name must end in .txt',
    ],
  ])('is refused when it %s', async (_, lesson, expected) => {
    expect(await issuesOf(lesson)).toContain(`lessons/what-is-sound.md:${expected}`);
  });

  it.each([
    [
      'has a level-1 heading',
      articleFile('Text.\n\n# Top'),
      '8:1 level-1 headings are reserved for the lesson title, so this one is published as ##',
    ],
    [
      'links to a script',
      articleFile('[x](javascript:alert(1))'),
      '6:5 "javascript:alert(1)" is not a valid link, so its text is published without it: use https://… or lesson:<id>',
    ],
    [
      'links to a file that is no lesson',
      articleFile('[x](other.md)'),
      '6:5 "other.md" leads to no lesson of this course, so its text is published without the link: use lesson:<id>',
    ],
    [
      'shows an image that is missing',
      articleFile('Text\n![x](media/eer.png)'),
      '7:6 there is no media/eer.png (did you mean "media/ear.png"?)',
    ],
    ['shows an image from outside media/', articleFile('![x](lessons/a.png)'), '6:6 "lessons/a.png" must be in media/'],
    [
      'shows an image by an absolute path',
      articleFile('![x](/etc/a.png)'),
      '6:6 "/etc/a.png" is not an image of this course: use media/… or https://…',
    ],
    [
      'shows an image by its storage key',
      articleFile('![x](lectern-asset:courses/a/b.png)'),
      '6:6 "lectern-asset:courses/a/b.png" is not an image of this course: use media/… or https://…',
    ],
    [
      'leads out of the course',
      articleFile('![x](media/../../a.png)'),
      '6:6 "media/../../a.png" leads out of the course folder',
    ],
    [
      'leads out of the course by an encoded path',
      articleFile('![x](..%2f..%2fa.png)'),
      '6:6 "../../a.png" leads out of the course folder',
    ],
  ])('is published with a warning when it %s', async (_, lesson, expected) => {
    expect(await issuesOf(lesson)).toContain(`lessons/what-is-sound.md:${expected.replace(/^\d+:\d+/, '$& warning:')}`);
    const warnings: string[] = [];
    const folder = await folderWith({ 'lessons/what-is-sound.md': lesson });
    await checkCourses([folder], { warn: (issues) => warnings.push(...issues.map(({ message }) => message)) });
    expect(warnings).toHaveLength(1);
  });

  const issuesOf = (lesson: string) =>
    issuesWith({
      'lessons/what-is-sound.md': lesson,
      'media/ear.png': BYTES.png,
      'media/hls/master.m3u8': '#EXTM3U\n',
      'media/sound.mp3': BYTES.mp3,
      'media/sound.vtt': BYTES.vtt,
    });

  it.each(['> '.repeat(6000), '<div>'.repeat(20_000)])(
    'is refused when its text is nested too deeply',
    async (nesting) => {
      expect(await issuesWith({ 'lessons/what-is-sound.md': articleFile(`${nesting}x`) })).toContain(
        'lessons/what-is-sound.md:1:1 the text is nested too deeply',
      );
    },
  );

  it('is refused before parsing when it is too long', async () => {
    expect(await issuesWith({ 'lessons/what-is-sound.md': articleFile('word '.repeat(300_000)) })).toContain(
      'lessons/what-is-sound.md:1:1 the text is too long: 1.4 MiB, and the maximum is 1 MiB',
    );
  });

  it('is refused when no module lists it', async () => {
    expect(await issuesWith({ 'lessons/extra.md': articleFile() })).toEqual([
      'lessons/extra.md:1:1 no module in course.yaml lists this lesson',
    ]);
  });

  it('is refused if its name is not an id', async () => {
    const rule = 'invalid lesson file name: use lessons/<id>.md, with lower-case letters, digits and hyphens';
    expect(
      await issuesWith({
        'lessons/Extra.md': articleFile(),
        'lessons/notes.txt': 'x',
        'lessons/more/a.md': articleFile(),
      }),
    ).toEqual([`lessons/Extra.md:1:1 ${rule}`, `lessons/more/a.md:1:1 ${rule}`, `lessons/notes.txt:1:1 ${rule}`]);
  });
});

describe('the media of a course', () => {
  const used = (path: string) => ({ 'lessons/what-is-sound.md': articleFile(`![x](${path})`) });

  it('is refused when nothing refers to it', async () => {
    expect(await issuesWith({ 'media/old/ear.png': BYTES.png })).toEqual([
      'media/old/ear.png:1:1 nothing in the course refers to this file',
    ]);
  });

  it.each([
    ['ear.png', BYTES.jpg, 'is not a valid PNG file: its content is JPEG'],
    ['ear.jpg', BYTES.gif, 'is not a valid JPEG file: its content is GIF'],
    ['ear.webp', BYTES.png, 'is not a valid WebP file: its content is PNG'],
    ['ear.gif', BYTES.mp3, 'is not a valid GIF file: its content is MP3'],
    ['ear.png', Buffer.from('<svg onload=alert(1)>'), 'is not a valid PNG file'],
    ['ear.png', Buffer.alloc(0), 'is empty'],
  ])('is refused when the content of %s is something else: %#', async (name, bytes, expected) => {
    expect(await issuesWith({ ...used(`media/${name}`), [`media/${name}`]: bytes })).toEqual([
      `lessons/what-is-sound.md:6:6 media/${name} ${expected}`,
    ]);
  });

  it.each([
    ['audio', 'sound.mp3', BYTES.mp4, 'MP3 file: its content is M4A'],
    ['audio', 'sound.m4a', BYTES.mp3, 'M4A file: its content is MP3'],
    ['video', 'sound.mp4', BYTES.mp3, 'MP4 file: its content is MP3'],
    ['video', 'hls/sound.m3u8', BYTES.mp4, 'HLS playlist file: its content is M4A'],
  ])('is refused for %s when the content of %s is something else', async (kind, name, bytes, expected) => {
    expect(
      await issuesWith({
        'lessons/what-is-sound.md': audioFile('', `media/${name}`).replace('kind: audio', `kind: ${kind}`),
        [`media/${name}`]: bytes,
      }),
    ).toEqual([`lessons/what-is-sound.md:4:8 media/${name} is not a valid ${expected}`]);
  });

  it('is refused if it is a symbolic link, also to a folder', async () => {
    const folder = await folderWith({ ...used('media/ear.png'), 'secret.png': BYTES.png });
    await mkdir(join(folder, 'media'));
    await symlink(join(folder, 'secret.png'), join(folder, 'media/ear.png'));
    await symlink('/etc', join(folder, 'media/etc'));
    expect(await issuesIn(folder)).toEqual([
      'lessons/what-is-sound.md:6:6 warning: there is no media/ear.png',
      'media/ear.png:1:1 symbolic links are not supported: put the file itself here',
      'media/etc:1:1 symbolic links are not supported: put the file itself here',
    ]);
  });

  it('may not be linked, and neither may lessons', async () => {
    const folder = await folderWith({ 'lessons/what-is-sound.md': null });
    const outside = join(folder, 'outside.md');
    await writeFile(outside, articleFile());
    await mkdir(join(folder, 'lessons'));
    await symlink(outside, join(folder, 'lessons/what-is-sound.md'));
    expect(await issuesIn(folder)).toEqual([
      'course.yaml:12:15 there is no lessons/what-is-sound.md',
      'lessons/what-is-sound.md:1:1 symbolic links are not supported: put the file itself here',
    ]);
  });

  const captions = 'captions:\n  - {language: en, label: English, file: media/sound.vtt}\n';

  it.each([
    ['not WebVTT', '1\n00:00:00,000 --> 00:00:01,000\nSubRip', '1:1 not WebVTT: the first line must be WEBVTT'],
    ['without cues', 'WEBVTT\n\n', '1:1 no captions found: each needs a line such as 00:01.000 --> 00:04.500'],
    [
      'with invalid timings',
      'WEBVTT\n\n00:01 --> 00:02\nx',
      '3:1 invalid cue timings: write them as 00:01.000 --> 00:04.500',
    ],
    [
      'with a cue that ends before it starts',
      'WEBVTT\n\n00:00.000 --> 00:01.000\nx\n\n01:00:00.000 --> 59:59.999\ny',
      '6:1 the cue ends before it starts',
    ],
    [
      'of a longer recording',
      'WEBVTT\n\n00:00.000 --> 00:04.000\nx\n\n00:01.200 --> 00:05.000\ny',
      '6:1 the recording ends earlier, at 1.2 s',
    ],
    [
      'not UTF-8',
      Buffer.from('WEBVTT\n\n00:00.000 --> 00:01.000\nno\xebl', 'latin1'),
      '4:3 not valid UTF-8: save the file in this encoding',
    ],
  ])('is refused for captions %s', async (_, vtt, expected) => {
    expect(
      await issuesWith({
        'lessons/what-is-sound.md': audioFile(captions),
        'media/sound.mp3': BYTES.mp3,
        'media/sound.vtt': vtt,
      }),
    ).toEqual([`media/sound.vtt:${expected}`]);
  });

  it('is refused for a transcript that is not UTF-8', async () => {
    expect(
      await issuesWith({
        'lessons/what-is-sound.md': audioFile('transcript: media/sound.txt\n'),
        'media/sound.mp3': BYTES.mp3,
        'media/sound.txt': Buffer.from([0x41, 0xff]),
      }),
    ).toEqual(['media/sound.txt:1:2 not valid UTF-8: save the file in this encoding']);
  });

  it.each([
    ['names a missing part', '#EXTM3U\n0.m4s\n1.m4s\n', '3:1 "1.m4s" is not in the stream folder'],
    [
      'names a missing initialization section',
      '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n0.m4s\n',
      '2:17 "init.mp4" is not in the stream folder',
    ],
    ['leads out of its folder', '#EXTM3U\n0.m4s\n../sound.mp3\n', '3:1 "../sound.mp3" is not in the stream folder'],
    [
      'leads out of its folder after white space',
      '#EXTM3U\n#EXTINF:1,\n\t ../../../sound.mp3\n#EXT-X-ENDLIST\n',
      '3:3 "../../../sound.mp3" is not in the stream folder',
    ],
    [
      'leads to another server',
      '#EXTM3U\n0.m4s\nhttps://example.com/1.ts\n',
      '3:1 "https://example.com/1.ts" must be a path relative to this playlist',
    ],
  ])('is refused for a playlist that %s', async (_, playlist, expected) => {
    expect(
      await issuesWith({
        'lessons/what-is-sound.md': audioFile('', 'media/hls/master.m3u8'),
        'media/hls/master.m3u8': playlist,
        'media/hls/0.m4s': BYTES.m4s,
      }),
    ).toEqual([`media/hls/master.m3u8:${expected}`]);
  });

  it.each(['0?.m4s', '0#.m4s', '100%.m4s'])(
    'is refused for a part of a stream that no URL can address: %j',
    async (name) => {
      expect(
        await issuesWith({
          'lessons/what-is-sound.md': audioFile('', 'media/my film/master.m3u8'),
          'media/my film/master.m3u8': '#EXTM3U\n',
          [`media/my film/${name}`]: BYTES.m4s,
        }),
      ).toEqual([`media/my film/${name}:1:1 file names in a stream must not contain ?, #, % or control characters`]);
    },
  );

  it('has control characters in its name escaped in messages', async () => {
    expect(await issuesWith({ 'media/\u001b]0;x\u0007\n\u202egnp.png': BYTES.png })).toEqual([
      'media/\\u{1b}]0;x\\u{7}\\u{a}\\u{202e}gnp.png:1:1 nothing in the course refers to this file',
    ]);
  });

  it('is refused for a stream without a folder of its own, or with other files in it', async () => {
    const stream = (path: string) => ({ 'lessons/what-is-sound.md': audioFile('', path), [path]: '#EXTM3U\n' });
    expect(await issuesWith(stream('media/master.m3u8'))).toContain(
      'media/master.m3u8:1:1 a stream must be in a folder of its own, such as media/intro/',
    );
    expect(await issuesWith({ ...stream('media/hls/master.m3u8'), 'media/hls/page.html': '<p>' })).toEqual([
      'media/hls/page.html:1:1 media/hls/page.html cannot be used as part of a stream: its name must end in .m3u8, .m4s, .mp4, .m4a, .mp3, .ts, .aac, or .vtt',
    ]);
  });
});
