import type { Answer } from '../../../local/gateway/response/answer.ts';
import { normalizeSignedMedia } from './signed-media.ts';

/** A part in which sam's answer differs from the local gateway's. Null for a missing header. */
export interface Difference {
  /** `status`, `body`, or the name of a header in lower case. */
  readonly part: string;
  readonly gateway: string | null;
  readonly sam: string | null;
}

/** Headers about one connection, which do not belong to an answer (RFC 9110 section 7.6.1). */
const CONNECTION_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding']);

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** As functions/auth creates them: an account's at random in hex, a session's in base64url, unlike any of our slugs. */
const USER_ID = /\b[0-9a-f]{24}\b/g;
const SESSION_ID = /"(?=[\w-]*[A-Z0-9_])[\w-]{22}"/g;
const ACCESS_TOKEN = /\b(eyJ[\w-]+)\.(eyJ[\w-]+)\.[\w-]{86}/g;
const REFRESH_TOKEN = /[\w-]{22}\.([0-9a-z]+)\.[\w-]{43}/g;
/** The cursor of changes, which depends on the clock. Page cursors, under another name, are the same on both sides. */
const CHANGES_CURSOR = /(?<="cursor":")[\w-]+(?=")/g;
/** In the address of a podcast feed and of its episodes. */
const FEED_TOKEN = /(?<=\/feeds\/)[\w-]{43}(?=[/"]|$)/gm;
/** Of a podcast feed, which contains its address. */
const FEED_HASH = /^"[\w-]{43}"$/;
const TIMESTAMP = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/**
 * Lists the differences between two answers, except for what differs between any two: ids, tokens and signatures of one
 * request, whose content does count, and times since `since`, when the comparison began.
 */
export function differencesBetween(gateway: Answer, sam: Answer, since: Date): Difference[] {
  const ours = partsOf(gateway, since);
  const theirs = partsOf(sam, since);
  return [...new Set([...ours.keys(), ...theirs.keys()])]
    .map((part) => ({ part, gateway: ours.get(part) ?? null, sam: theirs.get(part) ?? null }))
    .filter((deviation) => deviation.gateway !== deviation.sam);
}

function partsOf({ status, headers, body }: Answer, since: Date): Map<string, string> {
  const parts = new Map([
    ['status', String(status)],
    ['body', normalize(body.toString(), since)],
  ]);
  for (const [given, value] of headers) {
    const name = given.toLowerCase();
    if (CONNECTION_HEADERS.has(name)) continue;
    const before = parts.get(name);
    const quoted = normalizeHeader(name, value, since);
    parts.set(name, before === undefined ? quoted : `${before}\n${quoted}`);
  }
  return parts;
}

function normalizeHeader(name: string, value: string, since: Date): string {
  if (name === 'date') return '<date>';
  if (name === 'etag') return value.replace(FEED_HASH, '"<feed hash>"');
  return normalize(value, since);
}

/** Replaces what differs between any two answers with its meaning. */
export function normalize(text: string, since: Date): string {
  return normalizeSignedMedia(text, since)
    .replace(ACCESS_TOKEN, (_, header: string, claims: string) => `<${claimsIn(header)} ${claimsIn(claims)}>`)
    .replace(REFRESH_TOKEN, '<refresh token $1>')
    .replace(UUID, '<id>')
    .replace(USER_ID, '<user>')
    .replace(SESSION_ID, '"<session>"')
    .replace(FEED_TOKEN, '<feed token>')
    .replace(CHANGES_CURSOR, '<changes cursor>')
    .replace(TIMESTAMP, (timestamp) => (Date.parse(timestamp) < since.getTime() ? timestamp : '<now>'));
}

/** Describes a part of an access token without its times: the lifetime is always the same. */
function claimsIn(part: string): string {
  const { iat, exp, ...said } = JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return JSON.stringify({ ...said, ...(iat !== undefined && { lifetimeSeconds: Number(exp) - Number(iat) }) });
}
