import { parseJson } from '../../../tools/platform/json.ts';
import { isMapping } from '../../../tools/template/fields.ts';

/*
 * The part of CloudWatch Logs' filter patterns that template.yaml uses ("Filter pattern syntax for metric filters"): of
 * JSON events, comparisons of top-level fields that `&&` joins; of other events, terms that must occur, terms of which
 * one must (`?`), and terms that must not (`-`).
 */

/** Whether a pattern matches the message of a log event. */
export function matchesPattern(pattern: string, message: string): boolean {
  return pattern.startsWith('{') ? matchesJson(pattern, message) : matchesTerms(pattern, message);
}

/** The value of a selector such as `$.version` in a message that is a JSON object. Undefined if it has none. */
export function selected(selector: string, message: string): unknown {
  const event = message.trimStart().startsWith('{') ? parseJson(message) : undefined;
  return isMapping(event) ? event[selector.replace(/^\$\./, '')] : undefined;
}

function matchesJson(pattern: string, message: string): boolean {
  const conditions = pattern
    .replace(/^\{(.*)\}$/, '$1')
    .split('&&')
    .map((condition) => condition.trim().replace(/^\((.*)\)$/, '$1'));
  return conditions.every((condition) => matchesCondition(condition, message));
}

function matchesCondition(condition: string, message: string): boolean {
  const [, selector = '', test = ''] = /^(\$\.\w+) (.+)$/.exec(condition) ?? [];
  const value = selected(selector, message);
  if (test === 'IS FALSE') return value === false;
  if (test === 'IS TRUE') return value === true;
  const [, text] = /^= "([^"]*)"$/.exec(test) ?? [];
  if (text !== undefined) return value === text;
  const [, least] = /^>= (\d+)$/.exec(test) ?? [];
  if (least !== undefined) return typeof value === 'number' && value >= Number(least);
  throw new Error(`The condition ${condition} is not one that this test understands`);
}

function matchesTerms(pattern: string, message: string): boolean {
  const terms = [...pattern.matchAll(/([?-]?)"([^"]+)"/g)].map(([, sign = '', term = '']) => ({ sign, term }));
  const signed = (sign: string) => terms.filter((term) => term.sign === sign).map(({ term }) => term);
  const optional = signed('?');
  // Other terms beside `?` make CloudWatch ignore the `?` terms.
  if (optional.length > 0 && optional.length < terms.length) throw new Error(`${pattern} mixes ? with other terms`);
  return (
    signed('').every((term) => message.includes(term)) &&
    !signed('-').some((term) => message.includes(term)) &&
    (optional.length === 0 || optional.some((term) => message.includes(term)))
  );
}
