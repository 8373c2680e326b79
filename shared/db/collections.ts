import type { Collection, Db, Document, IndexDescription } from 'mongodb';
import type { Caller } from '../auth/caller.ts';
import type { Role } from '../auth/roles.ts';
import type { Static } from '../http/json-schema.ts';
import type { access, courseSummary, lesson, moduleOutline } from '../schemas/course.ts';
import { type Database, rawDatabase } from './database.ts';

type CourseSummary = Static<typeof courseSummary>;
type ModuleOutline = Static<typeof moduleOutline>;
type Lesson = Static<typeof lesson>;

/** What publishing writes. */
interface PublishedDocument {
  /**
   * The version of the document's form. Missing in the first one. `npm run migrate` lifts courses and lessons to the
   * current version (publishing/migration/); revisions keep theirs.
   */
  readonly version?: number;
}

/**
 * A course. `published` is what readers get, as they get it, so that a read needs one lookup and no computation. It
 * refers to files by `lectern-asset:` references (shared/assets.ts), which become URLs when they are read.
 */
export interface CourseDocument extends PublishedDocument {
  /** The course's slug. */
  readonly _id: string;
  readonly access: Static<typeof access>;
  /** Null unless the course is published. */
  readonly published: (CourseSummary & { readonly modules: ModuleOutline[] }) | null;
  /** What was published, while the course is withdrawn. What learners did before is still measured by it. */
  readonly withdrawn?: NonNullable<CourseDocument['published']>;
  /** SHA-256 of everything published. Publishing the same content again creates no revision. */
  readonly contentHash: string | null;
  /** Increases with each publication and never decreases, even if the course is unpublished meanwhile. */
  readonly lastRevision: number;
  /**
   * Who could read the course before, oldest first: each entry held until its time. Null stands for a time at which the
   * course was not published. Missing if that has never changed since the first publication.
   */
  readonly earlierAccess?: readonly { readonly access: Static<typeof access> | null; readonly until: Date }[];
  /** Kept because progress in a lesson that was once published is kept too. */
  readonly everPublishedLessonIds: readonly string[];
  /** When each of these lessons was first published. Kept so that a lesson that returns has its date again. */
  readonly lessonDates: Readonly<Record<string, Date>>;
  /**
   * The duration of the longest recording that each of these lessons has had, in seconds. A device may still play an earlier
   * recording. Missing until the course is published with it.
   */
  readonly longestRecordings?: Readonly<Record<string, number>>;
  /** How the catalog finds the course. Missing unless it is published. */
  readonly catalog?: {
    readonly keys: readonly string[];
    readonly terms: readonly string[];
    /** Unique, and in list order, so that one value is the position of a page. */
    readonly byNewest: string;
    readonly byTitle: string;
  };
}

/** The published text of one lesson. */
export interface LessonDocument extends PublishedDocument {
  /** `courseSlug/lessonSlug` */
  readonly _id: string;
  readonly courseId: string;
  /** Whether anyone may read it: the course is public or the lesson is a preview. */
  readonly open: boolean;
  readonly lesson: Lesson;
  /** The media of an audio or video lesson. */
  readonly recording: Recording | null;
  /** Its entry in the course's `lessonDates`. Podcast apps sort episodes by it. */
  readonly firstPublishedAt: Date;
}

/** The media of an audio or video lesson, and the files that belong to it. We sign only keys that are stored here. */
export interface Recording {
  /** The file to play, to download and for podcast apps. Null if there is only a stream. */
  readonly file: StoredMedia | null;
  /** The HLS stream. Null if there is only a file. */
  readonly stream: StoredMedia | null;
  /** Asset reference of the transcript, as plain text. */
  readonly transcriptFile: string | null;
  /** Asset reference of the chapters, in the JSON format of Podcasting 2.0. */
  readonly chaptersFile: string | null;
  /** The beginning of the lesson's text as HTML, short enough for podcast apps. */
  readonly notes: string;
}

/** A file in the media store, or an HLS stream: the folder of a master playlist. */
export interface StoredMedia {
  /** Starts with `media/`, where CloudFront serves nothing without a grant. */
  readonly key: string;
  readonly contentType: string;
  /** The size; of a stream, the size of all its files. */
  readonly sizeBytes: number;
  /** The hash; of a stream, the hash of the sorted output of `sha256sum` for its files. */
  readonly sha256: string;
}

/** A whole revision as it was published. It never changes, and later revisions do not replace it. */
export interface RevisionDocument extends PublishedDocument {
  /** `courseSlug@revision` */
  readonly _id: string;
  readonly courseId: string;
  readonly revision: number;
  readonly publishedAt: Date;
  readonly course: CourseSummary & { readonly modules: ModuleOutline[] };
  /**
   * Without the HTML, which can be made from the Markdown, so that large courses stay below MongoDB's 16 MiB per
   * document.
   */
  readonly lessons: readonly (Omit<Lesson, 'html'> & { readonly recording: Omit<Recording, 'notes'> | null })[];
}

/**
 * Permission for a learner to read one restricted course. It outlives its end, because a device can report later what
 * the learner did before.
 */
export interface GrantDocument {
  /** `courseSlug/userId`: one grant per learner and course, found by `_id`. */
  readonly _id: string;
  readonly courseId: string;
  readonly userId: string;
  /** When the current period of access ends or ended. Null for one without an end. */
  readonly expiresAt: Date | null;
  /** When the current period of access began. */
  readonly createdAt: Date;
  /** Periods that ended before the current one began. Missing if there are none. */
  readonly earlier?: readonly { readonly from: Date; readonly until: Date }[];
}

/** An account. */
export interface UserDocument {
  /** An ObjectId in hex, as a string, so that it looks the same in tokens, keys and queries. */
  readonly _id: string;
  /** As the learner wrote it, for display and mail. */
  readonly email: string;
  /** The address in its normal form, which identifies the account. */
  readonly emailKey: string;
  readonly name: string;
  /** A BCP 47 tag. */
  readonly language: string;
  /** `learner` is always the first. */
  readonly roles: readonly Role[];
  readonly emailVerifiedAt: Date | null;
  /** A PHC string, which includes the hash parameters. */
  readonly passwordHash: string;
  /** Raised to end every session at once. Sessions and tokens carry the epoch they began in. */
  readonly tokenEpoch: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Keyed hashes of networks that have signed in, latest last. Never an address in clear. */
  readonly knownNetworks: readonly string[];
  /**
   * Incremented to make a request write to the account, so that it conflicts with a concurrent change or erasure and
   * goes before or after it.
   */
  readonly touches?: number;
  /** Hashes of mailed tokens that are not used yet. */
  readonly pending: { readonly verify?: PendingToken; readonly reset?: PendingToken };
  /** Keyed hash of the attempt that created the account. Missing if the app gave none. */
  readonly registrationAttemptHash?: string;
}

export interface PendingToken {
  /** SHA-256 of the token, in base64url. */
  readonly hash: string;
  readonly expiresAt: Date;
}

/** A session: a device that is signed in. The refresh token is derived from it and a key; no token is stored. */
export interface SessionDocument {
  /** 128 random bits, base64url. */
  readonly _id: string;
  readonly userId: string;
  /** The app's id of the device, a UUID in lower case. Missing if the app gave none. */
  readonly deviceId?: string;
  /** The learner's name for the device. Null if the app gave none. */
  readonly deviceName: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** 256 random bits, base64url. The key alone does not give the token. */
  readonly seed: string;
  /** The generation of the current refresh token, from 0. */
  readonly generation: number;
  /** When the current generation began. */
  readonly rotatedAt: Date;
  /** Keyed hash of the attempt that began the current generation. Missing or null if the app gave none. */
  readonly attemptHash?: string | null;
  /** Generations before the previous one that were replaced within the grace period, oldest first. */
  readonly recentRotations?: readonly ReplacedGeneration[];
  /** The absolute end, regardless of activity. */
  readonly absoluteExpiresAt: Date;
  /** The end if the session is not used again. Never after `absoluteExpiresAt`. */
  readonly expiresAt: Date;
  /** The account's `tokenEpoch` when the session began. If the account has another one now, the session has ended. */
  readonly epoch: number;
}

/** A generation of refresh tokens, and when the next one replaced it. */
export interface ReplacedGeneration {
  readonly generation: number;
  readonly replacedAt: Date;
}

/**
 * A learner's progress in one course. Each fact is a register that keeps the greatest or least value under one total
 * order, so that events merge to the same state in any order (functions/progress/events/merge.ts). The order is how
 * MongoDB compares documents, field by field, so the fields of a register stand in the order of comparison.
 */
export interface ProgressDocument {
  /** `userId/courseSlug` */
  readonly _id: string;
  readonly userId: string;
  readonly courseId: string;
  /** Null if the learner has left. Then the document only tells devices that do not know yet. */
  readonly joinedAt: Date | null;
  /** Events before this time are ignored. */
  readonly leftAt: Date | null;
  /** When a visible part of this last changed, by the database's clock. The list of changes goes by it. */
  readonly updatedAt: Date;
  /** When the newest event happened, or when the learner joined. */
  readonly activeAt: Date;
  readonly lastEvent: { readonly at: Date; readonly by: string; readonly lessonId: string } | null;
  readonly lessons: Readonly<Record<string, LessonState>>;
  /** When, and in which revision, all lessons were completed. Null unless they were. */
  readonly completion: CourseCompletion | null;
  /** Whether the learner has joined the course and, at the last write, had a lesson left to complete or to replay. */
  readonly resumable: boolean;
  /** Digests of the most recent events, to recognise repeated ones. */
  readonly recentEvents: readonly string[];
  /**
   * Digests of every event whose playing time was counted, so that none counts twice: for each first character of a
   * digest, one string of all that begin with it. Missing in documents from before playing time was counted.
   */
  readonly playedEvents?: Readonly<Record<string, string>>;
  /** The playing time by calendar day of the learner, such as `2026-11-30`. Missing as above. */
  readonly playedMsByDay?: Readonly<Record<string, number>>;
}

/** The progress in a lesson: its registers and its playing time. */
export interface LessonState extends LessonRegisters {
  /**
   * In whole milliseconds, whose sum is the same in any order. Missing until an event of the lesson has a playing time.
   */
  readonly playedMs?: number;
  /**
   * The part of `playedMs` whose events were at the end of the lesson. Missing until there is such an event, also in documents
   * from before it was counted. A missing one is 0.
   */
  readonly playedAtEndMs?: number;
}

/** The registers of a lesson. `at` is when an event happened, `by` is the event's id. */
export interface LessonRegisters {
  readonly position: { readonly at: Date; readonly by: string; readonly value: number } | null;
  readonly furthest: { readonly value: number; readonly by: string } | null;
  readonly completion: { readonly at: Date; readonly by: string; readonly completed: boolean } | null;
  readonly firstCompletion: { readonly at: Date; readonly by: string } | null;
  /**
   * The newest and the earliest event that played the lesson to its end. They become `completion` and `firstCompletion`
   * once enough of the lesson and of its end was played. These and `unmeasured` are missing in documents from before
   * playing time was counted.
   */
  readonly reached?: LessonRegisters['completion'];
  readonly firstReached?: LessonRegisters['firstCompletion'];
  /** The greatest position of an event that does not say how much was played. It counts as played up to there. */
  readonly unmeasured?: number;
}

export interface CourseCompletion {
  readonly at: Date;
  readonly revision: number;
}

/** The private podcast feed of a learner and a course. Its token is derived from it and a key, and is not stored. */
export interface FeedDocument {
  /** SHA-256 of the feed token, base64url. */
  readonly _id: string;
  readonly userId: string;
  readonly courseId: string;
  /** 256 random bits, base64url. The key alone does not give the token. */
  readonly seed: string;
  readonly createdAt: Date;
}

/** The number of attempts in one window of time. */
export interface RateLimitDocument {
  /** A keyed hash of what is counted. It reveals neither accounts nor addresses. */
  readonly _id: string;
  readonly count: number;
  readonly windowEndsAt: Date;
}

/** Declares a collection. Migration, and the export and erasure of an account, follow from it. */
export interface CollectionDeclaration<T extends Document> {
  readonly name: string;
  readonly indexes: readonly (IndexDescription & { readonly name: string })[];
  /** The field that holds the id of the user whose data a document is. Null if documents belong to nobody. */
  readonly owner: string | null;
  /** Fields that the export of an account omits: hashes and seeds, which would only help an attacker. */
  readonly secretFields?: readonly string[];
  /** Carries the document type. No value has this field. */
  readonly document?: T;
}

/** A collection whose documents belong to nobody. {@link collection} opens it. */
export interface CommonCollection<T extends Document> extends CollectionDeclaration<T> {
  readonly owner: null;
}

/** A collection whose documents belong to users. {@link ownedCollection} opens it, for a caller. */
export interface OwnedCollection<T extends Document> extends CollectionDeclaration<T> {
  readonly owner: string;
}

function common<T extends Document>(declaration: Omit<CommonCollection<T>, 'owner'>): CommonCollection<T> {
  return { ...declaration, owner: null };
}

/** @param owner the field with the id of the user */
function owned<T extends Document>(
  owner: keyof T & string,
  declaration: Omit<OwnedCollection<T>, 'owner'>,
): OwnedCollection<T> {
  return { ...declaration, owner };
}

/** Every collection. `npm run migrate` creates them and their indexes. */
export const COLLECTIONS = {
  courses: common<CourseDocument>({
    name: 'courses',
    indexes: [
      // Lists by filter (shared/catalog/keys.ts) and searches by word, each in both orders.
      { name: 'keys_newest', key: { 'catalog.keys': 1, 'catalog.byNewest': -1 } },
      { name: 'keys_title', key: { 'catalog.keys': 1, 'catalog.byTitle': 1 } },
      { name: 'terms_newest', key: { 'catalog.terms': 1, 'catalog.byNewest': -1 } },
      { name: 'terms_title', key: { 'catalog.terms': 1, 'catalog.byTitle': 1 } },
      { name: 'version', key: { version: 1 } },
    ],
  }),
  lessons: common<LessonDocument>({
    name: 'lessons',
    indexes: [
      { name: 'course', key: { courseId: 1 } },
      { name: 'version', key: { version: 1 } },
    ],
  }),
  revisions: common<RevisionDocument>({
    name: 'revisions',
    indexes: [{ name: 'course_revision', key: { courseId: 1, revision: -1 }, unique: true }],
  }),
  users: owned<UserDocument>('_id', {
    name: 'users',
    secretFields: ['passwordHash', 'pending', 'knownNetworks', 'registrationAttemptHash'],
    indexes: [{ name: 'email', key: { emailKey: 1 }, unique: true }],
  }),
  sessions: owned<SessionDocument>('userId', {
    name: 'sessions',
    secretFields: ['seed', 'attemptHash'],
    indexes: [
      { name: 'user_used', key: { userId: 1, lastUsedAt: -1 } },
      { name: 'expiry', key: { expiresAt: 1 }, expireAfterSeconds: 0 },
    ],
  }),
  rateLimits: common<RateLimitDocument>({
    // Keyed hashes and counts, gone within hours: nobody can tell whose they are, not even to erase them.
    name: 'rateLimits',
    indexes: [{ name: 'expiry', key: { windowEndsAt: 1 }, expireAfterSeconds: 0 }],
  }),
  grants: owned<GrantDocument>('userId', {
    name: 'grants',
    indexes: [{ name: 'user_course', key: { userId: 1, courseId: 1 } }],
  }),
  feeds: owned<FeedDocument>('userId', {
    name: 'feeds',
    secretFields: ['seed'],
    indexes: [{ name: 'user_course', key: { userId: 1, courseId: 1 }, unique: true }],
  }),
  progress: owned<ProgressDocument>('userId', {
    name: 'progress',
    secretFields: ['recentEvents', 'playedEvents'],
    indexes: [
      { name: 'user_updated', key: { userId: 1, updatedAt: 1, courseId: 1 } },
      { name: 'user_resumable_active', key: { userId: 1, resumable: 1, activeAt: -1, courseId: 1 } },
    ],
  }),
} as const;

/**
 * Opens a collection whose documents belong to nobody: `collection(db, COLLECTIONS.courses)`.
 * @throws Error for a collection of personal data, which {@link ownedCollection} opens.
 */
export function collection<T extends Document>(db: Db | Database, { name, owner }: CommonCollection<T>): Collection<T> {
  // The type says so too, but tests run without type checks.
  if (owner !== null) {
    throw new Error(
      `${name} holds personal data: confirm the caller with requireCaller and open it by ownedCollection(db, COLLECTIONS.${name}, caller)`,
    );
  }
  return rawDatabase(db).collection<T>(name);
}

/**
 * Opens a collection of personal data for a caller, who is proof that the account still exists:
 * `ownedCollection(db, COLLECTIONS.feeds, caller)`. The caller's id still belongs in each filter and document.
 */
export function ownedCollection<T extends Document>(
  db: Db | Database,
  { name, owner }: OwnedCollection<T>,
  { userId }: Caller,
): Collection<T> {
  if (!userId) throw new Error(`${name}.${owner} needs the caller that requireCaller returns`);
  return rawDatabase(db).collection<T>(name);
}
