import type { Recording } from '../../shared/db/collections.ts';
import type { Static } from '../../shared/http/json-schema.ts';
import type { access, language, lessonKind, level, slug } from '../../shared/schemas/course.ts';
import type { RenderedText } from '../markdown/markdown.ts';

/**
 * A course that is ready to publish: validated, with its files in the media store and `lectern-asset:` references to
 * them.
 */
export interface CourseSource {
  readonly id: Static<typeof slug>;
  readonly title: string;
  readonly summary: string;
  readonly language: Static<typeof language>;
  readonly topics: readonly Static<typeof slug>[];
  readonly level: Static<typeof level>;
  readonly access: Static<typeof access>;
  readonly authors: readonly string[];
  /** The asset reference of the cover. */
  readonly image: string | null;
  readonly modules: readonly ModuleSource[];
}

export interface ModuleSource {
  readonly id: Static<typeof slug>;
  readonly title: string;
  readonly lessons: readonly LessonSource[];
}

export type LessonSource = ArticleSource | RecordingSource;

interface LessonText {
  /** Unique in the course. */
  readonly id: Static<typeof slug>;
  readonly title: string;
  readonly preview: boolean;
  /** The output of `renderMarkdown`. */
  readonly text: RenderedText;
}

export interface ArticleSource extends LessonText {
  readonly kind: 'article';
}

export interface RecordingSource extends LessonText {
  readonly kind: Exclude<Static<typeof lessonKind>, 'article'>;
  readonly durationSeconds: number;
  readonly recording: Omit<Recording, 'notes'>;
  readonly transcript: string | null;
  /** `url` is the asset reference of a WebVTT file. */
  readonly captions: readonly { readonly language: string; readonly label: string; readonly url: string }[];
}
