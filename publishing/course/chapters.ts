import { schemaCompiler } from '../../shared/http/compile.ts';
import type { Static } from '../../shared/http/json-schema.ts';
import { parseYaml, type YamlFile } from '../files/yaml-file.ts';
import { type Place, type Report, START } from '../reporting/issue.ts';

const text = { type: 'string', pattern: '\\S' } as const;
const seconds = { type: 'number', minimum: 0 } as const;
/** Podcast apps fetch these from wherever the listener is, so only https works. */
const address = { type: 'string', pattern: '^https://\\S+$' } as const;

/** Chapters as podcast apps read them (Podcasting 2.0, "JSON Chapters Format", version 1.2). */
const chaptersFile = {
  type: 'object',
  properties: {
    version: { type: 'string', enum: ['1.2.0'] },
    ...{ author: text, title: text, podcastName: text, description: text, fileName: text },
    waypoints: { type: 'boolean' },
    chapters: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        properties: {
          ...{ startTime: seconds, endTime: seconds, title: text, img: address, url: address },
          /** False for a chapter that is not listed, such as a change of picture. */
          toc: { type: 'boolean' },
          location: {
            type: 'object',
            properties: { name: text, geo: { type: 'string', pattern: '^geo:' }, osm: text },
            required: ['name', 'geo'],
            additionalProperties: false,
          },
        },
        required: ['startTime'],
        additionalProperties: false,
      },
    },
  },
  required: ['version', 'chapters'],
  additionalProperties: false,
} as const;

type ChaptersFile = Static<typeof chaptersFile>;

const isChaptersFile = schemaCompiler('body', { verbose: true }).compile<ChaptersFile>(chaptersFile);

/** Reports errors that would keep an app from showing the chapters of a recording. */
export function checkChapters(json: string, durationSeconds: number | undefined, report: Report): void {
  if (!isJson(json, report)) return;
  // All JSON is YAML, and the YAML parser knows the position of each value.
  const file = parseYaml(json, report);
  const chapters = file?.as(isChaptersFile)?.chapters;
  if (file !== undefined && chapters !== undefined) checkTimes(chapters, durationSeconds ?? Infinity, file, report);
}

function checkTimes(chapters: ChaptersFile['chapters'], durationSeconds: number, file: YamlFile, report: Report): void {
  let before = -1;
  for (const [index, { startTime, endTime, title, toc }] of chapters.entries()) {
    const at = (field: string): Place => file.placeOf(['chapters', index, field]);
    if (startTime <= before) report(at('startTime'), 'this chapter must start after the previous one');
    if (startTime >= durationSeconds) report(at('startTime'), `the recording ends earlier, at ${durationSeconds} s`);
    if (endTime !== undefined && endTime <= startTime) report(at('endTime'), 'the chapter ends before it starts');
    if (endTime !== undefined && endTime > durationSeconds) {
      report(at('endTime'), `the recording ends earlier, at ${durationSeconds} s`);
    }
    if (title === undefined && toc !== false) report(at('title'), '"title" is missing: a listed chapter needs one');
    before = startTime;
  }
}

function isJson(json: string, report: Report): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    report(placeOf(error, json), 'not valid JSON');
    return false;
  }
}

/** Reports where the JSON is invalid, if the parser says so: not all of its errors name a position. */
function placeOf({ message }: SyntaxError, json: string): Place {
  const position = /\bposition (?<offset>\d+)/.exec(message)?.groups?.['offset'];
  if (position === undefined) return START;
  const lines = json.slice(0, Number(position)).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}
