import type { ErrorObject, ValidateFunction } from 'ajv';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { language, slug } from '../../shared/schemas/course.ts';
import type { Place, Report } from '../reporting/issue.ts';
import { didYouMean } from '../reporting/suggestion.ts';

/** The path of a value in a YAML document: `['modules', 0, 'id']`. */
export type YamlPath = readonly (string | number)[];

/** A parsed YAML document that knows the place of each value. */
export interface YamlFile {
  /** Returns the document if it matches a schema. Undefined if not, after reporting the errors. */
  as<T>(schema: ValidateFunction<T>): T | undefined;
  /** Returns a value without checking it. Undefined if there is none. */
  valueAt(path: YamlPath): unknown;
  placeOf(path: YamlPath): Place;
}

/** Parses YAML 1.2. Undefined if it is not YAML, after reporting it. */
export function parseYaml(text: string, report: Report): YamlFile | undefined {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line, column: col };
  };

  const errors = [...document.errors, ...document.warnings].map(({ pos: [offset], message }) => ({
    offset,
    message,
  }));
  // Aliases save an author nothing here, and nested aliases let a small file fill the memory.
  visit(document, {
    Alias: (_key, { range }) => {
      errors.push({ offset: range?.[0] ?? 0, message: 'YAML aliases are not supported: repeat the value' });
    },
  });
  for (const { offset, message } of errors) report(placeAt(offset), message);
  if (errors.length > 0) return undefined;

  const placeOf = (path: YamlPath) => placeAt(valueOffset(document, path));
  return {
    placeOf,
    valueAt: (path) => document.getIn(path),
    as<T>(schema: ValidateFunction<T>): T | undefined {
      const value: unknown = document.toJS();
      if (schema(value)) return value;
      for (const error of schema.errors ?? []) {
        const path = pathOf(error.instancePath);
        report(placeAt(offsetOf(document, error, path)), explanation(error, path));
      }
      return undefined;
    },
  };
}

/** An unexpected key is itself the error; otherwise its value is. */
function offsetOf(document: Document, { keyword, params }: ErrorObject, path: YamlPath): number {
  if (keyword === 'additionalProperties') return keyOffset(document, path, String(params['additionalProperty']));
  if (keyword === 'uniqueItems') return valueOffset(document, [...path, Math.max(params['i'], params['j'])]);
  if (keyword === 'false schema') return keyOffset(document, path.slice(0, -1), String(path.at(-1)));
  return valueOffset(document, path);
}

/** Returns where a value starts. A missing value has the place of its parent. */
function valueOffset(document: Document, path: YamlPath): number {
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  if (isNode(node) && node.range) return node.range[0];
  return path.length === 0 ? 0 : valueOffset(document, path.slice(0, -1));
}

function keyOffset(document: Document, path: YamlPath, key: string): number {
  const map: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
  return isNode(pair?.key) && pair.key.range ? pair.key.range[0] : valueOffset(document, path);
}

/** RFC 6901. A number is an index of a list, but also finds a key that is a number. */
function pathOf(pointer: string): YamlPath {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => (/^\d+$/.test(token) ? Number(token) : token.replaceAll('~1', '/').replaceAll('~0', '~')));
}

/** Describes what a pattern requires. */
const PATTERNS: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [slug.pattern, 'must be lower-case letters and digits, separated by single hyphens, such as "the-ear"'],
  [language.pattern, 'must be a language tag, such as "en" or "pt-BR"'],
  ['\\S', 'must not be empty'],
  ['^https://\\S+$', 'must be a URL that starts with https://'],
  ['^[^\\p{Cc}\\p{Cs}]*$', 'must be a single line without control characters'],
]);

function explanation(
  { keyword, params, message = 'is not valid', parentSchema, data }: ErrorObject,
  path: YamlPath,
): string {
  const name = path.findLast((token) => typeof token === 'string');
  const subject = name === undefined ? '' : `"${name}" `;
  switch (keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      return `unknown key "${key}"${didYouMean(key, Object.keys(parentSchema?.['properties'] ?? {}))}`;
    }
    case 'required':
      return `"${params['missingProperty']}" is missing`;
    case 'enum': {
      const allowed = (parentSchema?.['enum'] ?? []).map(String);
      return `${subject}must be one of ${allowed.join(', ')}${didYouMean(String(data), allowed)}`;
    }
    case 'pattern':
      return `${subject}${PATTERNS.get(params['pattern']) ?? message}`;
    case 'type':
      return `${subject}must be ${TYPES[String(params['type'])] ?? params['type']}`;
    case 'minItems':
      return `${subject}must have at least ${items(params['limit'])}`;
    case 'maxItems':
      return `${subject}must have at most ${items(params['limit'])}`;
    case 'uniqueItems':
      return `${subject}must not repeat an item`;
    case 'false schema':
      return `${subject}is only for audio and video lessons`;
    default:
      return `${subject}${message}`;
  }
}

function items(count: number): string {
  return count === 1 ? '1 item' : `${count} items`;
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text (put it in quotes)',
  array: 'a list',
  object: 'a mapping of keys to values',
  number: 'a number',
  boolean: 'true or false',
};
