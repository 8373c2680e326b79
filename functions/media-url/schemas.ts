import { closedObject } from '../../shared/schemas/closed-object.ts';
import { captionTrack, sha256, slug, timestamp, url } from '../../shared/schemas/course.ts';
import { itemProblem } from '../../shared/schemas/item-problem.ts';
import { nullable } from '../../shared/schemas/nullable.ts';

/* The shapes of playback grants that clients see. */

const cookie = closedObject(
  {
    name: { type: 'string' },
    value: { type: 'string' },
    domain: {
      type: 'string',
      description: 'The domain of the media, or a parent domain that the web app shares.',
    },
    path: {
      type: 'string',
      description: 'Covers only this recording, so that the cookies of several grants do not conflict.',
    },
    secure: { type: 'boolean', description: 'False only on a developer’s machine.' },
    sameSite: { type: 'string', enum: ['Lax'] },
  },
  {
    title: 'PlaybackCookie',
    description: 'Set it unchanged, for as long as the grant lasts.',
    examples: [
      {
        name: 'CloudFront-Key-Pair-Id',
        value: 'K2JCJMDEHXQW5F',
        domain: 'media.example.com',
        path: '/media/seeing-with-numbers/2c26b46b68ffc68ff99b453c1d304134/',
        secure: true,
        sameSite: 'Lax',
      },
    ],
  },
);

const sideFile = closedObject(
  { url, contentType: { type: 'string' } },
  {
    title: 'SideFile',
    description: 'A file that belongs to a recording.',
    examples: [
      {
        url: 'https://media.example.com/courses/sound/fcde2b2edba56bf408601fb721fe9b5c.txt',
        contentType: 'text/plain',
      },
    ],
  },
);

const download = closedObject(
  {
    url,
    contentType: { type: 'string' },
    sizeBytes: { type: 'integer', format: 'int64', minimum: 0 },
    sha256: { ...sha256, description: 'SHA-256 of the file, to verify a copy.' },
  },
  {
    title: 'Download',
    description: 'The recording as one file. Its link lasts as long as the grant.',
    examples: [
      {
        url: 'https://media.example.com/media/sound/2c26b46b68ffc68ff99b453c1d304134.mp3?Expires=1793615400&Signature=nitfHRCrtziwO2HwPfWw&Key-Pair-Id=K2JCJMDEHXQW5F',
        contentType: 'audio/mpeg',
        sizeBytes: 1_210_400,
        sha256: '2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae',
      },
    ],
  },
);

const grantExample = {
  kind: 'progressive',
  url: download.examples[0].url,
  contentType: 'audio/mpeg',
  expiresAt: '2026-11-02T09:48:00.000Z',
  expiresIn: 1080,
  refreshAfter: '2026-11-02T09:43:30.000Z',
  durationSeconds: 151.3,
  captions: captionTrack.examples,
  transcript: sideFile.examples[0],
  chapters: null,
  download: download.examples[0],
} as const;

/** Permission to play one recording for a limited time. */
export const playbackGrant = closedObject(
  {
    kind: {
      type: 'string',
      enum: ['progressive', 'hls'],
      description: '`progressive`: one file, played by byte ranges. `hls`: a stream (RFC 8216).',
    },
    url: {
      ...url,
      description:
        'The file, ready to play, or the stream’s master playlist. Request the playlist, and everything that it names, with `cookies` set or `query` appended.',
    },
    contentType: { type: 'string' },
    expiresAt: { ...timestamp, description: 'When the grant ends. A transfer in progress continues.' },
    expiresIn: {
      type: 'integer',
      description: 'Seconds from this answer to `expiresAt`: for devices whose clock is wrong.',
    },
    refreshAfter: { ...timestamp, description: 'When to request the next grant: after three quarters of the time.' },
    cookies: { type: 'array', items: cookie, description: 'Cookies that open all files of a stream.' },
    query: {
      type: 'string',
      description:
        'A query string that opens any file of a stream, for players that cannot send cookies. Append it to the URL after a `?`.',
    },
    durationSeconds: { type: ['number', 'null'], minimum: 0 },
    captions: { type: 'array', items: captionTrack },
    transcript: nullable(sideFile, 'The transcript, or null.'),
    chapters: nullable(sideFile, 'The chapters, as JSON of Podcasting 2.0 (`application/json+chapters`), or null.'),
    download,
  },
  {
    optional: ['cookies', 'query', 'download'],
    title: 'PlaybackGrant',
    description: 'Permission to play one recording until `expiresAt`. Renew it by the same request at `refreshAfter`.',
    examples: [grantExample],
  },
);

const purpose = {
  title: 'Purpose',
  type: 'string',
  enum: ['playback', 'download'],
  default: 'playback',
} as const;

const PURPOSES =
  '`download`: the grant lasts 12 hours whatever the duration, so that a background transfer that begins hours later works.';

export const purposeQuery = { ...purpose, description: PURPOSES } as const;

/** Most lessons in one request for grants. */
const MAX_LESSONS = 200;

export const grantBatch = closedObject(
  { lessonIds: { type: 'array', items: slug, minItems: 1, maxItems: MAX_LESSONS }, purpose },
  {
    optional: ['purpose'],
    title: 'GrantBatch',
    description: PURPOSES,
    examples: [{ lessonIds: ['birds-at-dawn', 'echoes-and-rooms'], purpose: 'download' }],
  },
);

const grantResult = closedObject(
  {
    lessonId: { type: ['string', 'null'], description: 'As sent. Null if it was not a string.' },
    grant: playbackGrant,
    problem: itemProblem,
  },
  {
    optional: ['grant', 'problem'],
    title: 'GrantResult',
    description: 'A grant, or the problem with this lesson.',
    examples: [
      { lessonId: 'birds-at-dawn', grant: grantExample },
      { lessonId: 'no-such-lesson', problem: itemProblem.examples[0] },
    ],
  },
);

export const grantBatchResult = closedObject(
  {
    results: { type: 'array', items: grantResult, description: 'One for each requested lesson, in order.' },
  },
  { title: 'GrantBatchResult', examples: [{ results: grantResult.examples }] },
);
