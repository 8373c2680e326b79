import { join } from 'node:path';
import { schemaCompiler } from '../../shared/http/compile.ts';
import { readText } from '../files/text-file.ts';
import { parseYaml, type YamlFile } from '../files/yaml-file.ts';
import { type Report, type ReportIn, START } from '../reporting/issue.ts';
import { didYouMean } from '../reporting/suggestion.ts';
import { type CourseFile, courseFile } from './course-schema.ts';

const isCourseFile = schemaCompiler('body', { verbose: true }).compile<CourseFile>(courseFile);

/** The content of course.yaml. */
export interface CourseYaml {
  /** Undefined if the file is missing or not YAML. */
  readonly yaml: YamlFile | undefined;
  /** Undefined if the file does not match its schema. */
  readonly courseFile: CourseFile | undefined;
}

/** Reads course.yaml, if it exists, and reports its errors. */
export async function readCourseYaml(folder: string, files: ReadonlySet<string>, report: Report): Promise<CourseYaml> {
  if (!files.has('course.yaml')) return { yaml: undefined, courseFile: undefined };
  const text = await readText(join(folder, 'course.yaml'), report);
  const yaml = text === undefined ? undefined : parseYaml(text, report);
  return { yaml, courseFile: yaml?.as(isCourseFile) };
}

/** Checks that every lesson is in exactly one module, and that module ids are unique. */
export function checkOutline(
  { modules }: CourseFile,
  yaml: YamlFile,
  lessonIds: readonly string[],
  reportIn: ReportIn,
): void {
  const report = reportIn('course.yaml');
  const moduleIds = new Set<string>();
  const listed = new Set<string>();

  for (const [moduleIndex, module] of modules.entries()) {
    if (moduleIds.has(module.id)) {
      report(yaml.placeOf(['modules', moduleIndex, 'id']), `duplicate module id "${module.id}"`);
    }
    moduleIds.add(module.id);

    for (const [lessonIndex, id] of module.lessons.entries()) {
      const place = yaml.placeOf(['modules', moduleIndex, 'lessons', lessonIndex]);
      if (listed.has(id)) report(place, `lesson "${id}" is already listed`);
      else if (!lessonIds.includes(id)) report(place, `there is no lessons/${id}.md${didYouMean(id, lessonIds)}`);
      listed.add(id);
    }
  }
  for (const id of lessonIds.filter((lesson) => !listed.has(lesson))) {
    reportIn(`lessons/${id}.md`)(START, 'no module in course.yaml lists this lesson');
  }
}
