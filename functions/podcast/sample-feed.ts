import type { FoundFeed } from './feed-repository.ts';

const DATE = '2026-01-01T00:00:00.000Z';

const ASSET = 'lectern-asset:a';

const SIZES = { durationSeconds: 1, sizeBytes: 1, wordCount: 1 };

const FILE = { key: 'media/a/a.mp3', contentType: 'audio/mpeg', sizeBytes: 1, sha256: '' };

/** A feed with one of everything, by which the function rehearses. */
export const SAMPLE_FEED: FoundFeed = {
  account: { roles: [] },
  access: 'public',
  grant: null,
  course: {
    id: 'a',
    title: 'A & B',
    summary: 'A',
    language: 'en',
    authors: ['A'],
    image: ASSET,
    publishedAt: DATE,
    updatedAt: DATE,
    modules: [
      {
        id: 'a',
        title: 'A',
        lessons: [{ ...{ id: 'a', title: 'A', kind: 'audio', preview: false }, ...SIZES, contentHash: '' }],
      },
    ],
  },
  episodes: [
    {
      id: 'a',
      title: 'A & B',
      durationSeconds: 1,
      captions: [{ language: 'en', label: 'English', url: ASSET }],
      firstPublishedAt: new Date(DATE),
      recording: { file: FILE, stream: null, transcriptFile: ASSET, chaptersFile: ASSET, notes: '<p>A &amp; B</p>' },
    },
  ],
};
