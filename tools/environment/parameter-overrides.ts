import { isTable } from './samconfig.ts';

/** A value of a pair: in quotes, or up to the next space. A backslash escapes. As in sam's CfnParameterOverridesType. */
const VALUE = String.raw`("(?:\\.|[^"\\]+)*"|'(?:\\.|[^'\\]+)*'|(?:\\.|[^ "\\]+)+)`;
const LONG_PAIR = new RegExp(`ParameterKey=([A-Za-z0-9]+),ParameterValue=${VALUE}`, 'g');
const SHORT_PAIR = new RegExp(` ([A-Za-z0-9]+)=${VALUE}`, 'g');

/**
 * Parses `parameter_overrides` in every form that `sam deploy` accepts in samconfig.toml: a text, a list of texts, or a
 * table.
 * @throws Error for forms that this project does not use, rather than to deploy something else than sam would.
 */
export function parseOverrides(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined || value === '') return {};
  if (typeof value === 'string') return parsePairs(value);
  if (Array.isArray(value)) return Object.assign({}, ...value.map(parseOverrides));
  if (isTable(value))
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, text(name, entry)]));
  throw new Error('samconfig.toml: parameter_overrides must be a text, a list of texts or a table');
}

function parsePairs(pairs: string): Readonly<Record<string, string>> {
  const text = ` ${pairs.trim()}`;
  const found = [LONG_PAIR, SHORT_PAIR].map((pattern) => [...text.matchAll(pattern)]).find(({ length }) => length > 0);
  if (found === undefined) throw new Error(`samconfig.toml: parameter_overrides: ${pairs} must look like Name=value`);
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, unquoted(value)]));
}

function unquoted(value: string): string {
  const inner = /^(["'])(.*)\1$/s.exec(value)?.[2] ?? value;
  return inner.replace(/\\([ "'])/g, '$1');
}

function text(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((entry) => text(name, entry).trim()).join(',');
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  // Python writes `True`, which no parameter allows.
  throw new Error(`samconfig.toml: parameter_overrides: write the value of ${name} in quotes`);
}
