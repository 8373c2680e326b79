import { readText } from '../files/text-file.ts';
import { parseYaml, type YamlFile } from '../files/yaml-file.ts';
import { type Place, type Report, START } from '../reporting/issue.ts';

/** The two parts of a lesson file. */
export interface LessonFile {
  /** Undefined if it is missing or not YAML, after reporting it. */
  readonly frontMatter: YamlFile | undefined;
  readonly body: string;
  /** Converts a place in the body to a place in the file. */
  inFile(place: Place): Place;
}

const FRONT_MATTER = /^---[ \t]*\n(?<yaml>(?:.*\n)*?)---[ \t]*(?:\n|$)/;
const BLANK_LINES = /^(?:[ \t]*\n)*/;

/** Splits a lesson file. Undefined if the file is not text, after reporting it. */
export async function readLessonFile(path: string, report: Report): Promise<LessonFile | undefined> {
  const text = await readText(path, report);
  if (text === undefined) return undefined;

  const { 0: opening = '', groups } = FRONT_MATTER.exec(text) ?? {};
  const yaml = groups?.['yaml'];
  if (yaml === undefined) {
    const started = /^---[ \t]*\n/.test(text);
    report(
      START,
      started
        ? 'the front matter must end with ---'
        : 'the front matter is missing: start the lesson with ---, its title and kind, and ---',
    );
  }
  const [blank = ''] = BLANK_LINES.exec(text.slice(opening.length)) ?? [];
  const bodyStart = opening.length + blank.length;
  const linesBefore = text.slice(0, bodyStart).split('\n').length - 1;
  return {
    // An empty line replaces the first ---, so that places match the file.
    frontMatter: yaml === undefined ? undefined : parseYaml(`\n${yaml}`, report),
    body: text.slice(bodyStart).trimEnd(),
    inFile: ({ line, column }) => ({ line: line + linesBefore, column }),
  };
}
