import type { Answer } from '../../local/gateway/response/answer.ts';
import { withSignaturesRead } from './signed-media.ts';

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
/** As functions/auth makes them: an account's at random in hex, a session's in base64url, which no slug of ours looks like. */
const USER_ID = /\b[0-9a-f]{24}\b/g;
const SESSION_ID = /"(?=[\w-]*[A-Z0-9_])[\w-]{22}"/g;
const ACCESS_TOKEN = /\b(eyJ[\w-]+)\.(eyJ[\w-]+)\.[\w-]{86}/g;
const REFRESH_TOKEN = /[\w-]{22}\.([0-9a-z]+)\.[\w-]{43}/g;
/** Where a feed goes on, which is by the clock; the cursors of pages, under another name, are the same on both sides. */
const FEED_CURSOR = /(?<="cursor":")[\w-]+(?=")/g;
/** In the address of a podcast feed and of its episodes. */
const FEED_TOKEN = /(?<=\/feeds\/)[\w-]{43}(?=[/"]|$)/gm;
/** Of a podcast feed, in which its address stands. */
const FEED_HASH = /^"[\w-]{43}"$/;
const TIMESTAMP = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/**
 * All in which two answers differ, leaving out what differs between any two: ids, tokens and signatures made for one
 * request, of which what they say counts, and times not before `since`, which is when the comparison began.
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
    const shown = steadyHeader(name, value, since);
    parts.set(name, before === undefined ? shown : `${before}\n${shown}`);
  }
  return parts;
}

function steadyHeader(name: string, value: string, since: Date): string {
  if (name === 'date') return '<date>';
  if (name === 'etag') return value.replace(FEED_HASH, '"<feed hash>"');
  return steady(value, since);
}

/** The text with what differs between any two answers replaced by what it is. */
export function steady(text: string, since: Date): string {
  return withSignaturesRead(text, since)
    .replace(ACCESS_TOKEN, (_, header: string, claims: string) => `<${saidBy(header)} ${saidBy(claims)}>`)
    .replace(REFRESH_TOKEN, '<refresh token $1>')
    .replace(UUID, '<id>')
    .replace(USER_ID, '<user>')
    .replace(SESSION_ID, '"<session>"')
    .replace(FEED_TOKEN, '<feed token>')
    .replace(FEED_CURSOR, '<feed cursor>')
    .replace(TIMESTAMP, (timestamp) => (Date.parse(timestamp) < since.getTime() ? timestamp : '<now>'));
}

/** What a part of an access token says, save when: how long it is good for is the same for all. */
function saidBy(part: string): string {
  const { iat, exp, ...said } = JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return JSON.stringify({ ...said, ...(iat !== undefined && { lifetimeSeconds: Number(exp) - Number(iat) }) });
}
