import type { Collection, Db, Document, IndexDescription } from 'mongodb';
import type { Caller } from '../auth/caller.ts';
import type { Role } from '../auth/roles.ts';
import type { Static } from '../http/json-schema.ts';
import type { access, courseSummary, lesson, moduleOutline } from '../schemas/course.ts';
import { type Database, rawDatabase } from './database.ts';

type CourseSummary = Static<typeof courseSummary>;
type ModuleOutline = Static<typeof moduleOutline>;
type Lesson = Static<typeof lesson>;

/**
 * A course. `published` is what readers see, in the form they are answered with: reading it is one lookup and no work.
 * Files are named in it by `lectern-asset:` references (shared/assets.ts), which become URLs on reading.
 */
export interface CourseDocument {
  /** The slug of the course. */
  readonly _id: string;
  readonly access: Static<typeof access>;
  /** Null while nothing is published. */
  readonly published: (CourseSummary & { readonly modules: ModuleOutline[] }) | null;
  /** SHA-256 of everything that was published: publishing the same again makes no revision. */
  readonly contentHash: string | null;
  /** Rises with each publication and never falls, even when the course is unpublished in between. */
  readonly lastRevision: number;
  /** Progress on a lesson that was once published is kept, so its id is too. */
  readonly everPublishedLessonIds: readonly string[];
  /** How the catalog finds the course; absent while it is not published. */
  readonly catalog?: {
    readonly keys: readonly string[];
    readonly terms: readonly string[];
    /** Unique and in the order of the list, so that the position of a page is one value. */
    readonly byNewest: string;
    readonly byTitle: string;
  };
}

/** The published text of one lesson. */
export interface LessonDocument {
  /** `courseSlug/lessonSlug` */
  readonly _id: string;
  readonly courseId: string;
  /** Whether anyone may read it: the course is public, or the lesson is a preview. */
  readonly open: boolean;
  readonly lesson: Lesson;
  /** What is played in an audio or video lesson. */
  readonly recording: Recording | null;
  /** When this lesson was first published: podcast apps go by it to tell what is new. */
  readonly firstPublishedAt: Date;
}

/** The media of an audio or video lesson, and what comes with them. Only keys that stand here are ever signed. */
export interface Recording {
  /** To play by byte ranges, to download, and for podcast apps. Null where there is a stream alone. */
  readonly file: StoredMedia | null;
  /** The same as an HLS stream; null where there is a file alone. */
  readonly stream: StoredMedia | null;
  /** Asset reference of the transcript, plain text. */
  readonly transcriptFile: string | null;
  /** Asset reference of the chapters, in the JSON format of Podcasting 2.0. */
  readonly chaptersFile: string | null;
  /** The beginning of the lesson's text as HTML, short enough for a podcast app. */
  readonly notes: string;
}

/** One file in the media store, or an HLS stream: a folder there, named by its master playlist. */
export interface StoredMedia {
  /** Below `media/`, where nothing is served without a grant. */
  readonly key: string;
  readonly contentType: string;
  /** Of a stream: of all its files. */
  readonly sizeBytes: number;
  /** Of a stream: of what `sha256sum` prints of all its files, sorted. */
  readonly sha256: string;
}

/** A revision whole, as it was published: never changed, never removed with the course's next one. */
export interface RevisionDocument {
  /** `courseSlug@revision` */
  readonly _id: string;
  readonly courseId: string;
  readonly revision: number;
  readonly publishedAt: Date;
  readonly course: CourseSummary & { readonly modules: ModuleOutline[] };
  /** Without the HTML, which follows from the Markdown: a large course stays below MongoDB's 16 MiB a document. */
  readonly lessons: readonly (Omit<Lesson, 'html'> & { readonly recording: Omit<Recording, 'notes'> | null })[];
}

/** That a learner may read one restricted course. */
export interface GrantDocument {
  /** `courseSlug/userId`: one grant a learner and course, found without an index of its own. */
  readonly _id: string;
  readonly courseId: string;
  readonly userId: string;
  /** Null for a grant without an end. */
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** An account. */
export interface UserDocument {
  /** An ObjectId in hex: a string, so that it is the same in a token, a key and a query. */
  readonly _id: string;
  /** As the learner wrote it, for people and for mail. */
  readonly email: string;
  /** The address in its one normal form: what accounts are told apart by. */
  readonly emailKey: string;
  readonly name: string;
  /** A BCP 47 tag. */
  readonly language: string;
  /** `learner` first, always. */
  readonly roles: readonly Role[];
  readonly emailVerifiedAt: Date | null;
  /** A PHC string, which says how it was made. */
  readonly passwordHash: string;
  /** Raised to end every session at once; sessions and tokens carry the one they began with. */
  readonly tokenEpoch: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Keyed hashes of networks that have signed in, the latest last; never an address in clear. */
  readonly knownNetworks: readonly string[];
  /**
   * Counted up by whatever begins something for the account, so that it is a write: one at the same moment as a change of
   * the account, or its end, is then before it or after it.
   */
  readonly touches?: number;
  /** What was asked for by mail and not done yet: hashes of the tokens that were sent. */
  readonly pending: { readonly verify?: PendingToken; readonly reset?: PendingToken };
}

export interface PendingToken {
  /** SHA-256 of the token, in base64url. */
  readonly hash: string;
  readonly expiresAt: Date;
}

/** A device that is signed in. The refresh token follows from it and a key; no token is stored. */
export interface SessionDocument {
  /** 128 random bits, base64url. */
  readonly _id: string;
  readonly userId: string;
  /** What the learner knows the device by; null where the app gave no name. */
  readonly deviceName: string | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** 256 random bits, base64url: without them the key alone makes no token. */
  readonly seed: string;
  /** Which refresh token is the current one, counted from 0. */
  readonly generation: number;
  /** When the current generation was made. */
  readonly rotatedAt: Date;
  /** However often it is used, it ends then. */
  readonly absoluteExpiresAt: Date;
  /** It ends then if it is not used before; never later than `absoluteExpiresAt`. */
  readonly expiresAt: Date;
  /** The account's `tokenEpoch` when the session began: with another one it is over. */
  readonly epoch: number;
}

/**
 * What a learner has done in one course. Each fact is a register that keeps the largest (or least) value under one order
 * of all values, so that events merge to the same state however they arrive (functions/progress/events/merge.ts). The order is
 * MongoDB's own of documents, field by field, so the fields of a register stand in the order they are compared in.
 */
export interface ProgressDocument {
  /** `userId/courseSlug` */
  readonly _id: string;
  readonly userId: string;
  readonly courseId: string;
  /** Null once the learner has left: then all that remains is that they left, for devices that do not know yet. */
  readonly joinedAt: Date | null;
  /** Events from before are not taken any more. */
  readonly leftAt: Date | null;
  /** When anything of this last changed, by the database's clock: what the feed of changes goes by. */
  readonly updatedAt: Date;
  /** When the newest event happened, or when the course was joined. */
  readonly activeAt: Date;
  readonly lastEvent: { readonly at: Date; readonly by: string; readonly lessonId: string } | null;
  readonly lessons: Readonly<Record<string, LessonRegisters>>;
  /** When and in which revision all lessons were completed, or null. */
  readonly completion: CourseCompletion | null;
  /** Whether the course is joined and, as it was at the last write, had a lesson left to complete. */
  readonly resumable: boolean;
  /** Digests of the events that were taken last, to know one that is sent again. */
  readonly recentEvents: readonly string[];
}

/** What is known of a learner and a lesson. `at` is when an event happened, `by` which event it was. */
export interface LessonRegisters {
  readonly position: { readonly at: Date; readonly by: string; readonly value: number } | null;
  readonly furthest: { readonly value: number; readonly by: string } | null;
  readonly completion: { readonly at: Date; readonly by: string; readonly completed: boolean } | null;
  readonly firstCompletion: { readonly at: Date; readonly by: string } | null;
}

export interface CourseCompletion {
  readonly at: Date;
  readonly revision: number;
}

/** A private podcast feed of one learner and course. Its token follows from it and a key, and is not stored. */
export interface FeedDocument {
  /** SHA-256 of the feed token, base64url. */
  readonly _id: string;
  readonly userId: string;
  readonly courseId: string;
  /** 256 random bits, base64url: without them the key alone makes no token. */
  readonly seed: string;
  readonly createdAt: Date;
}

/** How often something was tried within one window of time. */
export interface RateLimitDocument {
  /** A keyed hash of what is counted: nobody and no address can be read from it. */
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
function owned<T extends Document>(owner: string, declaration: Omit<OwnedCollection<T>, 'owner'>): OwnedCollection<T> {
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
    ],
  }),
  lessons: common<LessonDocument>({
    name: 'lessons',
    indexes: [{ name: 'course', key: { courseId: 1 } }],
  }),
  revisions: common<RevisionDocument>({
    name: 'revisions',
    indexes: [{ name: 'course_revision', key: { courseId: 1, revision: -1 }, unique: true }],
  }),
  users: owned<UserDocument>('_id', {
    name: 'users',
    secretFields: ['passwordHash', 'pending', 'knownNetworks'],
    indexes: [{ name: 'email', key: { emailKey: 1 }, unique: true }],
  }),
  sessions: owned<SessionDocument>('userId', {
    name: 'sessions',
    secretFields: ['seed'],
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
    secretFields: ['recentEvents'],
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
