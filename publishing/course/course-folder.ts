import { join } from 'node:path';
import { assetReference } from '../../shared/assets.ts';
import { type Fault, type ReportIn, START } from '../files/fault.ts';
import type { CourseSource, LessonSource } from '../publish/course-source.ts';
import type { Asset } from '../recording/asset.ts';
import type { Measurements } from '../recording/measurements.ts';
import type { Progress } from '../work/progress.ts';
import { listCourse } from './course-listing.ts';
import { openMedia } from './course-media.ts';
import type { CourseFile } from './course-schema.ts';
import { checkOutline, isFolder, readCourseYaml } from './course-yaml.ts';
import { readLesson } from './lesson.ts';

/** A course that can be published, and its files. */
export interface ReadCourse {
  readonly folder: string;
  readonly source: CourseSource;
  readonly assets: readonly Asset[];
}

/** The result of reading a course folder. */
export interface CourseReading {
  readonly faults: readonly Fault[];
  /** Undefined if there are errors. */
  readonly course: ReadCourse | undefined;
  /** The id in course.yaml, valid or not. */
  readonly id: unknown;
  /** Creates an error about the id, for checks across courses. */
  faultOfId(message: string): Fault;
}

/**
 * Reads and validates a course folder as far as possible. It changes nothing, neither in the folder nor in the store.
 */
export async function readCourseFolder(
  folder: string,
  { measurements, progress }: { readonly measurements: Measurements; readonly progress: Progress },
): Promise<CourseReading> {
  const faults: Fault[] = [];
  const reportIn: ReportIn = (path) => (place, message) => faults.push({ file: join(folder, path), place, message });

  const files = isFolder(folder) ? await listCourse(folder, reportIn) : new Set<string>();
  const { yaml, head } = await readCourseYaml(folder, files, reportIn('course.yaml'));
  const written = lessonsIn(files, reportIn);
  const listed = new Set(head?.modules.flatMap((module) => module.lessons));
  if (yaml && head) checkOutline(head, yaml, written, reportIn);

  const media = openMedia({ folder, courseId: head?.id ?? 'course', files, measurements }, reportIn);
  const cover = head?.image;
  const image =
    cover === undefined
      ? null
      : await media.use(cover, 'cover', (message) =>
          reportIn('course.yaml')(yaml?.placeOf(['image']) ?? START, message),
        );

  const lessons = new Map<string, LessonSource>();
  const surroundings = { folder, media, lessonIds: new Set([...listed, ...written]) };
  const stage = progress.stage(`checking ${folder}`, written.length);
  for (const id of written) {
    const lesson = await readLesson(id, surroundings, reportIn(`lessons/${id}.md`));
    if (lesson !== undefined) lessons.set(id, lesson);
    stage.advance();
  }
  stage.end();

  // Only after everything that could name a file is it known which files are unused.
  if (head && lessons.size === written.length) {
    for (const path of media.unused()) reportIn(path)(START, 'nothing in the course refers to this file');
  }
  return {
    faults,
    course:
      head && faults.length === 0
        ? { folder, assets: await media.assets(), source: sourceOf(head, image?.key ?? null, lessons) }
        : undefined,
    id: yaml?.valueAt(['id']),
    faultOfId: (message) => ({ file: join(folder, 'course.yaml'), place: yaml?.placeOf(['id']) ?? START, message }),
  };
}

/** Returns the ids of the lessons that have a file. */
function lessonsIn(files: ReadonlySet<string>, reportIn: ReportIn): string[] {
  return [...files]
    .filter((path) => path.startsWith('lessons/'))
    .flatMap((path) => {
      const id = /^lessons\/(?<id>[a-z0-9]+(?:-[a-z0-9]+)*)\.md$/.exec(path)?.groups?.['id'];
      if (id === undefined) {
        reportIn(path)(START, 'not the name of a lesson: lessons/<id>.md, in lower-case letters, digits and hyphens');
        return [];
      }
      return [id];
    });
}

function sourceOf(head: CourseFile, cover: string | null, lessons: ReadonlyMap<string, LessonSource>): CourseSource {
  return {
    ...head,
    image: cover === null ? null : assetReference(cover),
    modules: head.modules.map((module) => ({
      ...module,
      lessons: module.lessons.flatMap((id) => lessons.get(id) ?? []),
    })),
  };
}
