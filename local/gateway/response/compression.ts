import { deflateSync, gzipSync } from 'node:zlib';
import type { Answer } from './answer.ts';

/** "Content codings supported by API Gateway". `identity`, the third, leaves the body as it is. */
const ENCODERS: ReadonlyMap<string, (body: Buffer) => Buffer> = new Map([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
]);

/**
 * Compresses the body of a function's answer as API Gateway does ("Receive an API response with a compressed payload in
 * API Gateway"): if the client names a supported coding, the body has at least `minimumBytes`, and the function has not
 * set `Content-Encoding`. Other headers stay, and no `Vary` is added.
 * @param acceptEncoding of the request. Without one, or with `*` alone, nothing is compressed.
 * @param minimumBytes MinimumCompressionSize of the API. Null if it compresses nothing.
 */
export function compressed(answer: Answer, acceptEncoding: string | undefined, minimumBytes: number | null): Answer {
  const { headers, body } = answer;
  const coding = preferredCoding(acceptEncoding ?? '');
  const encode = ENCODERS.get(coding ?? '');
  const isEncoded = headers.some(([name]) => name.toLowerCase() === 'content-encoding');
  if (coding === null || encode === undefined || isEncoded) return answer;
  if (minimumBytes === null || body.length === 0 || body.length < minimumBytes) return answer;
  return { ...answer, headers: [...headers, ['Content-Encoding', coding]], body: encode(body) };
}

/**
 * Returns the coding with the highest weight (RFC 9110 section 12.5.3), the first of equal ones. If API Gateway does not
 * support that one, it compresses nothing, whatever follows ("Enable payload compression for an API in API Gateway").
 */
function preferredCoding(acceptEncoding: string): string | null {
  let preferred: { readonly coding: string; readonly weight: number } | null = null;
  for (const entry of acceptEncoding.split(',')) {
    const [coding = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    if (coding !== '' && weight > (preferred?.weight ?? 0)) preferred = { coding, weight };
  }
  return preferred?.coding ?? null;
}
