import type { Collection, Db, Document, IndexDescription } from 'mongodb';
import type { Static } from '../http/json-schema.ts';
import type { access, courseSummary, lesson, moduleOutline } from '../schemas/course.ts';

type CourseSummary = Static<typeof courseSummary>;
type ModuleOutline = Static<typeof moduleOutline>;
type Lesson = Static<typeof lesson>;

/**
 * A course. `published` is what readers see, in the form they are answered with: reading it is one lookup and no work.
 * Files are named in it by `lectern-asset:` references (shared/publishing/assets.ts), which become URLs on reading.
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
  /** The media of an audio or video lesson. */
  readonly media: MediaReference | null;
}

export interface MediaReference {
  readonly kind: 'progressive' | 'hls';
  /** Key of the file, or of the HLS master playlist, in the media store. */
  readonly key: string;
  readonly contentType: string;
  readonly sizeBytes: number;
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
  readonly lessons: readonly (Omit<Lesson, 'html'> & { readonly media: MediaReference | null })[];
}

/** What is known of a collection: migration, export and erasure of an account follow from it. */
export interface CollectionDeclaration<T extends Document> {
  readonly name: string;
  readonly indexes: readonly (IndexDescription & { readonly name: string })[];
  /** The field that names the user whose data a document is; null where no document is anybody's. */
  readonly owner: string | null;
  /** Carries the document type; there is no such value. */
  readonly document?: T;
}

function declare<T extends Document>(declaration: CollectionDeclaration<T>): CollectionDeclaration<T> {
  return declaration;
}

/** Every collection there is. `npm run migrate` makes them and their indexes. */
export const COLLECTIONS = {
  courses: declare<CourseDocument>({
    name: 'courses',
    owner: null,
    indexes: [
      // Lists by filter (shared/catalog/keys.ts) and searches by word, each in both orders.
      { name: 'keys_newest', key: { 'catalog.keys': 1, 'catalog.byNewest': -1 } },
      { name: 'keys_title', key: { 'catalog.keys': 1, 'catalog.byTitle': 1 } },
      { name: 'terms_newest', key: { 'catalog.terms': 1, 'catalog.byNewest': -1 } },
      { name: 'terms_title', key: { 'catalog.terms': 1, 'catalog.byTitle': 1 } },
    ],
  }),
  lessons: declare<LessonDocument>({
    name: 'lessons',
    owner: null,
    indexes: [{ name: 'course', key: { courseId: 1 } }],
  }),
  revisions: declare<RevisionDocument>({
    name: 'revisions',
    owner: null,
    indexes: [{ name: 'course_revision', key: { courseId: 1, revision: -1 }, unique: true }],
  }),
} as const;

/** A collection by its declaration, typed: `collection(db, COLLECTIONS.courses)`. */
export function collection<T extends Document>(db: Db, declaration: CollectionDeclaration<T>): Collection<T> {
  return db.collection<T>(declaration.name);
}
