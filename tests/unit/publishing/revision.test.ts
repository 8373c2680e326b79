import type { CourseSource, LessonSource } from '../../../publishing/course/course-source.ts';
import { editionOf, revisionDocuments } from '../../../publishing/publish/revision.ts';
import { queryTerms } from '../../../shared/catalog/terms.ts';
import { buildArticle, buildCourseSource, buildRecording } from '../../support/builders/course-source.ts';

const ISSUE = {
  revision: 3,
  firstPublishedAt: new Date('2026-10-01T08:00:00.000Z'),
  lessonDates: new Map([
    ['the-ear', new Date('2026-10-20T08:00:00.000Z')],
    ['removed', new Date('2026-10-20T09:00:00.000Z')],
  ]),
  now: new Date('2026-11-02T09:30:00.000Z'),
};

const documentsOf = (source: CourseSource) => revisionDocuments(editionOf(source), ISSUE);

describe('a published course', () => {
  it('has the number and the dates of its revision', () => {
    expect(documentsOf(buildCourseSource()).published).toMatchObject({
      revision: 3,
      publishedAt: '2026-10-01T08:00:00.000Z',
      updatedAt: '2026-11-02T09:30:00.000Z',
    });
  });

  it('summarizes its lessons', () => {
    const lessons = [
      buildRecording({ id: 'one', durationSeconds: 0.1 }),
      buildRecording({ id: 'two', durationSeconds: 0.2 }),
      buildArticle(),
    ];
    expect(documentsOf(buildCourseSource({ lessons })).published).toMatchObject({
      lessonCount: 3,
      durationSeconds: 0.3,
      formats: ['article', 'audio'],
    });
  });

  it('outlines its lessons with what an offline copy needs', () => {
    const [module] = documentsOf(buildCourseSource({ lessons: [buildRecording()] })).published.modules;
    expect(module?.lessons).toEqual([
      {
        id: 'what-is-sound',
        title: 'What is sound?',
        kind: 'audio',
        durationSeconds: 151.3,
        wordCount: 2,
        preview: false,
        sizeBytes: 1_210_400,
        contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  it('gives the size of an article in bytes', () => {
    const [module] = documentsOf(buildCourseSource({ lessons: [buildArticle({ markdown: 'Élan' })] })).published
      .modules;
    expect(module?.lessons[0]).toMatchObject({ sizeBytes: 5, wordCount: 1, durationSeconds: null });
  });
});

describe('the lessons of a course', () => {
  it('know their neighbours across modules', () => {
    const [one, two, three] = ['one', 'two', 'three'].map((id) => buildArticle({ id, title: `Lesson ${id}` })) as [
      LessonSource,
      LessonSource,
      LessonSource,
    ];
    const { lessons } = documentsOf(
      buildCourseSource({
        modules: [
          { id: 'a', title: 'A', lessons: [one, two] },
          { id: 'b', title: 'B', lessons: [three] },
        ],
      }),
    );
    expect(lessons.map(({ lesson }) => [lesson.previous?.id ?? null, lesson.next?.id ?? null])).toEqual([
      [null, 'two'],
      ['one', 'three'],
      ['two', null],
    ]);
  });

  it.each([
    ['public', false, true],
    ['members', false, false],
    ['members', true, true],
    ['restricted', false, false],
    ['restricted', true, true],
  ] as const)('of a %s course, with preview %s, are open: %s', (access, preview, open) => {
    const { lessons } = documentsOf(buildCourseSource({ access, lessons: [buildArticle({ preview })] }));
    expect(lessons[0]?.open).toBe(open);
  });

  it('keep the date of their first publication', () => {
    const { lessons, lessonDates } = documentsOf(
      buildCourseSource({ lessons: [buildArticle({ id: 'the-ear' }), buildArticle({ id: 'new' })] }),
    );
    expect(lessons.map(({ firstPublishedAt }) => firstPublishedAt.toISOString())).toEqual([
      '2026-10-20T08:00:00.000Z',
      '2026-11-02T09:15:00.000Z',
    ]);
    expect([...lessonDates.keys()]).toEqual(['the-ear', 'removed', 'new']);
  });

  it('are stored in the revision without HTML and with their recording', () => {
    const { revision, lessons } = documentsOf(buildCourseSource({ lessons: [buildRecording()] }));
    const { html: _, ...lesson } = lessons[0]?.lesson ?? { html: '' };
    expect(revision).toMatchObject({ _id: 'writing-that-teaches@3', revision: 3, publishedAt: ISSUE.now });
    const { notes: __, ...recording } = lessons[0]?.recording ?? { notes: '' };
    expect(revision.lessons).toEqual([{ ...lesson, recording }]);
  });
});

describe('the catalog finds a course', () => {
  const { catalog } = documentsOf(
    buildCourseSource({
      id: 'seeing',
      title: 'Élan: Seeing with Numbers',
      summary: 'Averages and spread.',
      topics: ['data-visualisation'],
    }),
  );

  it.each(['elan', 'ÉLAN seeing', 'spread', 'visualisation', 'data-visualisation', 'numbers averages data'])(
    'by the words %j',
    (query) => {
      expect(catalog.terms).toEqual(expect.arrayContaining(queryTerms(query)));
    },
  );

  it('by its filters', () => {
    expect(catalog.keys).toContain('en|data-visualisation|article|beginner');
  });

  it('by date and by title, with unique sort keys', () => {
    expect(catalog.byNewest).toBe('2026-10-01T08:00:00.000Z\nseeing');
    expect(catalog.byTitle).toBe('elan: seeing with numbers\nseeing');
  });
});
