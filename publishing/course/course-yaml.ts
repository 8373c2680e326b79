import { statSync } from 'node:fs';
import { join } from 'node:path';
import { schemaCompiler } from '../../shared/http/compile.ts';
import { type Report, type ReportIn, START } from '../files/fault.ts';
import { didYouMean } from '../files/suggestion.ts';
import { readText } from '../files/text-file.ts';
import { parseYaml, type YamlFile } from '../files/yaml-file.ts';
import { type CourseFile, courseFile } from './course-schema.ts';

const isCourseFile = schemaCompiler('body', { verbose: true }).compile<CourseFile>(courseFile);

/** Reads course.yaml. `head` is undefined if the file does not match its schema. */
export async function readCourseYaml(
  folder: string,
  files: ReadonlySet<string>,
  report: Report,
): Promise<{ readonly yaml: YamlFile | undefined; readonly head: CourseFile | undefined }> {
  if (!files.has('course.yaml')) {
    report(START, isFolder(folder) ? 'there is no such file: every course has one' : 'there is no such folder');
    return { yaml: undefined, head: undefined };
  }
  const text = await readText(join(folder, 'course.yaml'), report);
  const yaml = text === undefined ? undefined : parseYaml(text, report);
  return { yaml, head: yaml?.as(isCourseFile) };
}

/** Checks that every lesson is in exactly one module, and that module ids are unique. */
export function checkOutline(
  { modules }: CourseFile,
  yaml: YamlFile,
  written: readonly string[],
  reportIn: ReportIn,
): void {
  const report = reportIn('course.yaml');
  const moduleIds = new Set<string>();
  const listed = new Set<string>();

  for (const [moduleIndex, module] of modules.entries()) {
    if (moduleIds.has(module.id)) {
      report(yaml.placeOf(['modules', moduleIndex, 'id']), `a second module "${module.id}"`);
    }
    moduleIds.add(module.id);

    for (const [lessonIndex, id] of module.lessons.entries()) {
      const place = yaml.placeOf(['modules', moduleIndex, 'lessons', lessonIndex]);
      if (listed.has(id)) report(place, `the lesson "${id}" is listed a second time`);
      else if (!written.includes(id)) report(place, `there is no lessons/${id}.md${didYouMean(id, written)}`);
      listed.add(id);
    }
  }
  for (const id of written.filter((lesson) => !listed.has(lesson))) {
    reportIn(`lessons/${id}.md`)(START, 'no module in course.yaml lists this lesson');
  }
}

/** Tells whether there is a folder at a path. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
