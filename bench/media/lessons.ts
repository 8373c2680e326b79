import type { PlayableLesson } from '../../functions/media-url/recording-repository.ts';
import type { LessonDocument, Recording, StoredMedia } from '../../shared/db/collections.ts';

const SHA256 = '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae';

export const COURSE = 'a-course';

export const FILE: StoredMedia = {
  key: `media/${COURSE}/${SHA256.slice(0, 32)}.mp4`,
  contentType: 'video/mp4',
  sizeBytes: 48_000_000,
  sha256: SHA256,
};

export const STREAM: StoredMedia = {
  key: `media/${COURSE}/${SHA256.slice(0, 32)}/master.m3u8`,
  contentType: 'application/vnd.apple.mpegurl',
  sizeBytes: 96_000_000,
  sha256: SHA256,
};

const CAPTIONS = [
  { language: 'en', label: 'English', url: `lectern-asset:courses/${COURSE}/${SHA256.slice(0, 32)}.vtt` },
];

/** A lesson of ten minutes, with captions, as it is found for a grant. */
export function playable(id: string, media: Pick<Recording, 'file' | 'stream'>): PlayableLesson {
  return { id, open: false, durationSeconds: 600, captions: CAPTIONS, recording: recordingOf(media) };
}

/** The same in the database. */
export function lessonDocument(id: string, media: Pick<Recording, 'file' | 'stream'>): LessonDocument {
  const lesson = { id, durationSeconds: 600, captions: CAPTIONS } as Partial<LessonDocument['lesson']>;
  return {
    _id: `${COURSE}/${id}`,
    courseId: COURSE,
    open: false,
    lesson: lesson as LessonDocument['lesson'],
    recording: recordingOf(media),
    firstPublishedAt: new Date(),
  };
}

function recordingOf(media: Pick<Recording, 'file' | 'stream'>): Recording {
  return { ...media, transcriptFile: null, chaptersFile: null, notes: '<p>Listen first.</p>' };
}
