import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type {
  ArticleSource,
  CourseSource,
  LessonSource,
  RecordingSource,
} from '../../../publishing/course/course-source.ts';
import { contentHash } from '../../../publishing/publish/content-hash.ts';
import { editionOf } from '../../../publishing/publish/revision.ts';
import { buildArticle, buildCourseSource, buildRecording } from '../../support/builders/course-source.ts';

const hashesOf = (source: CourseSource) => {
  const { contentHash: course, lessons } = editionOf(source);
  return { course, lessons: Object.fromEntries(lessons.map(({ lesson }) => [lesson.id, lesson.contentHash])) };
};

/* Written out, so that neither the builders nor the Markdown renderer can change what is hashed. */

const ARTICLE = {
  id: 'say-one-thing',
  title: 'Say one thing',
  kind: 'article',
  preview: false,
  text: {
    markdown: 'A lesson says *one* thing.',
    html: '<p>A lesson says <em>one</em> thing.</p>',
    excerpt: '<p>A lesson says <em>one</em> thing.</p>',
    wordCount: 5,
    headings: [],
  },
} as unknown as ArticleSource;

const RECORDING = {
  id: 'what-is-sound',
  title: 'What is sound?',
  kind: 'audio',
  preview: true,
  text: { markdown: '', html: '', excerpt: '', wordCount: 0, headings: [] },
  durationSeconds: 151.3,
  recording: {
    file: { key: 'media/sound/0a.mp3', contentType: 'audio/mpeg', sizeBytes: 1_210_400, sha256: '0a'.repeat(32) },
    stream: null,
    transcriptFile: null,
    chaptersFile: 'lectern-asset:courses/sound/0b.json',
  },
  transcript: null,
  captions: [{ language: 'en', label: 'English', url: 'lectern-asset:courses/sound/0c.vtt' }],
} as unknown as RecordingSource;

const COURSE: CourseSource = {
  id: 'writing-that-teaches',
  title: 'Writing that teaches',
  summary: 'Plain words, one idea at a time.',
  language: 'en',
  topics: [],
  level: 'beginner',
  access: 'public',
  authors: [],
  image: null,
  modules: [{ id: 'basics', title: 'The basics', lessons: [ARTICLE, RECORDING] }],
};

describe('the content hash', () => {
  const first = buildArticle({ id: 'first' });
  const second = buildArticle({ id: 'second' });
  const before = hashesOf(buildCourseSource({ lessons: [first, second] }));

  it('does not depend on the order of properties', () => {
    const reversed = Object.fromEntries(Object.entries(second).reverse()) as typeof second;
    expect(hashesOf(buildCourseSource({ lessons: [first, reversed] }))).toEqual(before);
  });

  it('of a course changes with any part of it, and that of a lesson only with the lesson', () => {
    const changed = hashesOf(buildCourseSource({ lessons: [first, buildArticle({ id: 'second', markdown: 'New.' })] }));
    expect(changed.course).not.toBe(before.course);
    expect(changed.lessons['first']).toBe(before.lessons['first']);
    expect(changed.lessons['second']).not.toBe(before.lessons['second']);
  });

  it('of a lesson does not change when the lesson moves', () => {
    const moved = hashesOf(buildCourseSource({ lessons: [second, first] }));
    expect(moved.lessons).toEqual(before.lessons);
    expect(moved.course).not.toBe(before.course);
  });

  it.each([
    ['title', { title: 'Another' }],
    ['access', { access: 'members' }],
    ['cover', { image: 'lectern-asset:courses/x/1.png' }],
    ['topics', { topics: ['reading'] }],
  ] as const)('of a course changes with its %s', (_, change) => {
    expect(hashesOf(buildCourseSource({ lessons: [first, second], ...change })).course).not.toBe(before.course);
  });

  it.each([
    ['recording', { recording: { ...buildRecording().recording, chaptersFile: 'lectern-asset:courses/x/1.json' } }],
    ['transcript', { transcript: 'Clap.' }],
    ['captions', { captions: [{ language: 'en', label: 'English', url: 'lectern-asset:courses/x/1.vtt' }] }],
    ['duration', { durationSeconds: 1 }],
  ] as const)('of a recording changes with its %s', (_, change) => {
    const recordingHash = (lesson: LessonSource) => editionOf(buildCourseSource({ lessons: [lesson] })).contentHash;
    expect(recordingHash(buildRecording(change))).not.toBe(recordingHash(buildRecording()));
  });

  it.each([
    ['null', null],
    ['false', false],
    ['an empty text', ''],
    ['an empty list', []],
    ['an object with only such members', { subtitle: null, links: [] }],
  ])('does not change when a new field is %s, at any depth', (_, value) => {
    const withNewField = { ...RECORDING, newField: value, text: { ...RECORDING.text, newField: value } };
    expect(contentHash(withNewField)).toBe(contentHash(RECORDING));
  });

  it.each(['image', 'topics', 'authors', 'durationSeconds', 'html', 'preview'])(
    'does not change when a new empty field has the name of one elsewhere, %s',
    (name) => {
      const captions = RECORDING.captions.map((track) => ({ ...track, [name]: null }));
      expect(contentHash({ [name]: null, ...RECORDING, captions })).toBe(contentHash(RECORDING));
    },
  );

  it.each([
    ['true', true],
    ['zero', 0],
    ['a text', 'new'],
    ['a list', [null]],
    ['an object', { subtitle: 'new' }],
  ])('changes when a new field is %s', (_, value) => {
    expect(contentHash({ ...RECORDING, newField: value })).not.toBe(contentHash(RECORDING));
  });
});

/*
 * If one of these fails, every app would download every offline copy again. Change what is hashed so that they pass;
 * CONTRIBUTING.md says how to add a field.
 */
describe('the content hash never changes for content that stays the same:', () => {
  it('of an article', () => {
    expect(hashesOf(COURSE).lessons['say-one-thing']).toBe(
      '4c8d20c1d716ba1390f52f8f50d6ba238f4bc9b154cfa1178cc84ee8373ee596',
    );
  });

  it('of a recording', () => {
    expect(hashesOf(COURSE).lessons['what-is-sound']).toBe(
      '28c96e568ab2c9564a538d55a486b88269da2e0e9af6480392ac6c658d22c565',
    );
  });

  it('of a course', () => {
    expect(hashesOf(COURSE).course).toBe('766ca6fcd6231c53cac0ba192b5baf1939d7c69186fd04d18c5a60e22689e801');
  });

  it('of any lesson, it is that of its sorted JSON, as at first', () => {
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(sorted)
        : value !== null && typeof value === 'object'
          ? Object.fromEntries(
              Object.entries(value)
                .sort(([one], [other]) => (one < other ? -1 : 1))
                .map(([name, member]) => [name, sorted(member)]),
            )
          : value;
    const text = fc.record({ markdown: fc.string(), html: fc.string(), excerpt: fc.string(), wordCount: fc.nat() });
    const name = fc.string({ minLength: 1 });
    const lesson = { id: name, title: name, preview: fc.boolean(), text };
    const media = fc.option(fc.constant(RECORDING.recording.file));
    const asset = fc.option(fc.string());
    const recording = fc.record({ file: media, stream: media, transcriptFile: asset, chaptersFile: asset });
    const anyLesson = fc.oneof(
      fc.record({ ...lesson, kind: fc.constant('article') }),
      fc.record({
        ...{ ...lesson, kind: fc.constantFrom('audio', 'video'), durationSeconds: fc.nat(), recording },
        ...{ transcript: asset, captions: fc.array(fc.record({ language: name, label: name })) },
      }),
    );
    fc.assert(
      fc.property(anyLesson, (content) => {
        const json = JSON.stringify(sorted(content));
        expect(contentHash(content)).toBe(createHash('sha256').update(json).digest('hex'));
      }),
    );
  });
});
