import { join } from 'node:path';
import { assetReference } from '../../shared/assets.ts';
import type { Asset } from '../recording/asset.ts';
import type { MeasurementCache } from '../recording/measurement-cache.ts';
import { type Issue, type ReportIn, START } from '../reporting/issue.ts';
import type { Progress } from '../reporting/progress.ts';
import { lessonsIn, listCourse } from './course-listing.ts';
import { type CourseMedia, openMedia } from './course-media.ts';
import type { CourseFile } from './course-schema.ts';
import type { CourseSource, LessonSource } from './course-source.ts';
import { type CourseYaml, checkOutline, readCourseYaml } from './course-yaml.ts';
import { readLesson } from './lesson.ts';
import { checkFragments, type LessonAnchors, lessonPaths } from './lesson-links.ts';

/** A course that can be published, and its files. */
export interface ParsedCourse {
  readonly folder: string;
  readonly source: CourseSource;
  readonly assets: readonly Asset[];
}

/** The result of reading a course folder. */
export interface ReadResult {
  readonly issues: readonly Issue[];
  /** Undefined if there are errors. */
  readonly course: ParsedCourse | undefined;
  /** The id in course.yaml, valid or not. */
  readonly id: unknown;
  /** Creates an issue about the id, for checks across courses. */
  issueAtId(message: string): Issue;
}

interface ReadOptions {
  readonly measurements: MeasurementCache;
  readonly progress: Progress;
}

/**
 * Reads and validates a course folder as far as possible. It changes nothing, neither in the folder nor in the store.
 */
export async function readCourseFolder(folder: string, { measurements, progress }: ReadOptions): Promise<ReadResult> {
  const issues: Issue[] = [];
  const reportIn: ReportIn =
    (path) =>
    (place, message, severity = 'error') =>
      issues.push({ severity, file: join(folder, path), place, message });

  const files = await listCourse(folder, reportIn);
  const courseYaml = await readCourseYaml(folder, files, reportIn('course.yaml'));
  const { yaml, courseFile } = courseYaml;
  const lessonIds = lessonsIn(files, reportIn);
  if (yaml && courseFile) checkOutline(courseFile, yaml, lessonIds, reportIn);

  const media = openMedia({ folder, courseId: courseFile?.id ?? 'course', files, measurements }, reportIn);
  const cover = await openCover(courseYaml, media, reportIn);
  const lessons = await readLessons(lessonIds, { folder, courseFile, media, progress }, reportIn);

  // Only after everything that could name a file is it known which files are unused.
  if (courseFile && lessons.size === lessonIds.length) {
    for (const path of media.unused()) reportIn(path)(START, 'nothing in the course refers to this file');
  }
  return {
    issues,
    course:
      courseFile && issues.every(({ severity }) => severity === 'warning')
        ? { folder, assets: await media.assets(), source: sourceOf(courseFile, cover, lessons) }
        : undefined,
    id: yaml?.valueAt(['id']),
    issueAtId: (message) => ({
      severity: 'error',
      file: join(folder, 'course.yaml'),
      place: yaml?.placeOf(['id']) ?? START,
      message,
    }),
  };
}

/** Opens the cover. Undefined if there is none, or if it cannot be used, after reporting it. */
async function openCover(
  { yaml, courseFile }: CourseYaml,
  media: CourseMedia,
  reportIn: ReportIn,
): Promise<Asset | undefined> {
  if (courseFile?.image === undefined) return undefined;
  const place = yaml?.placeOf(['image']) ?? START;
  return media.use(courseFile.image, 'cover', (message) => reportIn('course.yaml')(place, message));
}

interface LessonOptions extends Pick<ReadOptions, 'progress'> {
  readonly folder: string;
  readonly courseFile: CourseFile | undefined;
  readonly media: CourseMedia;
}

/** Reads the lessons. Those with errors are missing in the result, after reporting them. */
async function readLessons(
  ids: readonly string[],
  { folder, courseFile, media, progress }: LessonOptions,
  reportIn: ReportIn,
): Promise<ReadonlyMap<string, LessonSource>> {
  const listed = courseFile?.modules.flatMap((module) => module.lessons) ?? [];
  const { language, embeds } = courseFile ?? {};
  const context = { folder, media, language, embeds, lessons: lessonPaths([...listed, ...ids]) };
  const lessons = new Map<string, LessonSource>();
  const anchors: LessonAnchors[] = [];
  const stage = progress.stage(`checking ${folder}`, ids.length);
  for (const id of ids) {
    const lesson = await readLesson(id, context, reportIn(`lessons/${id}.md`));
    if (lesson?.source !== undefined) lessons.set(id, lesson.source);
    if (lesson !== undefined) anchors.push({ ...lesson, id, report: reportIn(`lessons/${id}.md`) });
    stage.advance();
  }
  stage.end();
  // Only now the headings of every lesson are known.
  checkFragments(anchors);
  return lessons;
}

function sourceOf(
  courseFile: CourseFile,
  cover: Asset | undefined,
  lessons: ReadonlyMap<string, LessonSource>,
): CourseSource {
  return {
    ...courseFile,
    image: cover === undefined ? null : assetReference(cover.key),
    modules: courseFile.modules.map((module) => ({
      ...module,
      lessons: module.lessons.flatMap((id) => lessons.get(id) ?? []),
    })),
  };
}
