import type { Answer } from '../../gateway/answer.ts';

/** One thing in which an answer of sam is not that of the local gateway; null for a header that is not there. */
export interface Deviation {
  /** `status`, `body`, or the name of a header in lower case. */
  readonly part: string;
  readonly gateway: string | null;
  readonly sam: string | null;
}

/** Headers about one connection, which are not part of an answer (RFC 9110 section 7.6.1). */
const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding']);

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIMESTAMP = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/**
 * All in which two answers differ, leaving out what differs between any two: ids made for one request, and times not
 * before `since`, which is when the comparison began.
 */
export function deviationsBetween(gateway: Answer, sam: Answer, since: Date): Deviation[] {
  const ours = partsOf(gateway, since);
  const theirs = partsOf(sam, since);
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .map((part) => ({ part, gateway: ours.get(part) ?? null, sam: theirs.get(part) ?? null }))
    .filter((deviation) => deviation.gateway !== deviation.sam);
}

function partsOf({ status, headers, body }: Answer, since: Date): Map<string, string> {
  const parts = new Map([
    ['status', String(status)],
    ['body', steady(body.toString(), since)],
  ]);
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (OF_THE_CONNECTION.has(name)) continue;
    const before = parts.get(name);
    const shown = name === 'date' ? '<date>' : steady(value, since);
    parts.set(name, before === undefined ? shown : `${before}\n${shown}`);
  }
  return parts;
}

function steady(text: string, since: Date): string {
  return text
    .replace(UUID, '<id>')
    .replace(TIMESTAMP, (timestamp) => (Date.parse(timestamp) < since.getTime() ? timestamp : '<now>'));
}
