import type { Answer } from '../../local/gateway/response/answer.ts';
import { withSignaturesRead } from './signed-media.ts';

/** A part in which sam's answer differs from the local gateway's. Null for a missing header. */
export interface Deviation {
  /** `status`, `body`, or the name of a header in lower case. */
  readonly part: string;
  readonly gateway: string | null;
  readonly sam: string | null;
}

/** Headers about one connection, which do not belong to an answer (RFC 9110 section 7.6.1). */
const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding']);

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** As functions/auth creates them: an account's at random in hex, a session's in base64url, unlike any of our slugs. */
const USER_ID = /\b[0-9a-f]{24}\b/g;
const SESSION_ID = /"(?=[\w-]*[A-Z0-9_])[\w-]{22}"/g;
const ACCESS_TOKEN = /\b(eyJ[\w-]+)\.(eyJ[\w-]+)\.[\w-]{86}/g;
const REFRESH_TOKEN = /[\w-]{22}\.([0-9a-z]+)\.[\w-]{43}/g;
/** The cursor of changes, which depends on the clock. Page cursors, under another name, are the same on both sides. */
const FEED_CURSOR = /(?<="cursor":")[\w-]+(?=")/g;
/** In the address of a podcast feed and of its episodes. */
const FEED_TOKEN = /(?<=\/feeds\/)[\w-]{43}(?=[/"]|$)/gm;
/** Of a podcast feed, which contains its address. */
const FEED_HASH = /^"[\w-]{43}"$/;
const TIMESTAMP = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/**
 * Lists the differences between two answers, except for what differs between any two: ids, tokens and signatures of one
 * request, whose content does count, and times since `since`, when the comparison began.
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

/** Replaces what differs between any two answers by its meaning. */
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

/** Describes a part of an access token without its times: the lifetime is always the same. */
function saidBy(part: string): string {
  const { iat, exp, ...said } = JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return JSON.stringify({ ...said, ...(iat !== undefined && { lifetimeSeconds: Number(exp) - Number(iat) }) });
}
