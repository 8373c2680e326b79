import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isMapping } from '../../../tools/template/fields.ts';
import { GatewayError } from '../request/gateway-error.ts';
import { isBinary } from '../request/request.ts';
import type { Answer } from './answer.ts';

const FIELDS = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']);

/** Passed on under another name ("Amazon API Gateway important notes", remapped on the response). */
const REMAPPED_HEADERS = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-md5',
  'date',
  'expect',
  'host',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'trailer',
  'upgrade',
  'user-agent',
  'www-authenticate',
]);

/**
 * Converts a function's result to an answer ("Lambda proxy integrations in API Gateway", output format).
 * @param accept of the request, which decides whether a base64 body is decoded
 * @throws GatewayError API_CONFIGURATION_ERROR for a malformed result.
 */
export function parseProxyResult(
  json: string,
  accept: string | undefined,
  binaryMediaTypes: readonly string[],
): Answer {
  const result: unknown = JSON.parse(json);
  if (!isMapping(result)) throw malformed('it is not an object');
  if (Object.keys(result).length === 0) throw malformed('it is empty');
  const other = Object.keys(result).find((name) => !FIELDS.has(name));
  if (other !== undefined) throw malformed(`it has a field ${other}`);

  const { statusCode, body, isBase64Encoded } = result;
  if (body !== undefined && body !== null && typeof body !== 'string') throw malformed('body is not a string');
  if (isBase64Encoded !== undefined && isBase64Encoded !== null && typeof isBase64Encoded !== 'boolean') {
    throw malformed('isBase64Encoded is not a boolean');
  }
  // Unless the client accepts a binary media type, it gets the base64 text.
  const isDecoded = isBase64Encoded === true && isBinary(accept, binaryMediaTypes);
  return {
    status: readStatus(statusCode),
    headers: readHeaders(result['headers'], result['multiValueHeaders']),
    body: Buffer.from(body ?? '', isDecoded ? 'base64' : 'utf8'),
  };
}

function readStatus(statusCode: unknown): number {
  // A result with other fields and no status is a 200.
  if (statusCode === undefined || statusCode === null) return 200;
  const status = typeof statusCode === 'string' && /^\d+$/.test(statusCode) ? Number(statusCode) : statusCode;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    throw malformed(`statusCode is ${JSON.stringify(statusCode)}`);
  }
  return status;
}

/** Values of both maps are all sent, under the name in multiValueHeaders. */
function readHeaders(single: unknown, multiple: unknown): Answer['headers'] {
  const merged = new Map<string, { name: string; values: string[] }>();
  for (const [name, values] of entriesOf(multiple, 'multiValueHeaders')) {
    if (!Array.isArray(values)) throw malformed(`the values of the header ${name} are not a list`);
    merged.set(name.toLowerCase(), { name, values: values.map((value) => headerValue(name, value)) });
  }
  for (const [name, value] of entriesOf(single, 'headers')) {
    const entry = merged.get(name.toLowerCase()) ?? { name, values: [] };
    merged.set(name.toLowerCase(), { name: entry.name, values: [...entry.values, headerValue(name, value)] });
  }
  merged.delete('transfer-encoding');
  if (!merged.has('content-type')) merged.set('content-type', { name: 'Content-Type', values: ['application/json'] });

  return [...merged].flatMap(([lowerCase, { name, values }]) => {
    const sent = REMAPPED_HEADERS.has(lowerCase) ? `x-amzn-Remapped-${name}` : name;
    return values.map((value) => [sent, value] as const);
  });
}

function entriesOf(headers: unknown, field: string): [string, unknown][] {
  if (headers === undefined || headers === null) return [];
  if (!isMapping(headers)) throw malformed(`${field} is not an object`);
  return Object.entries(headers);
}

function headerValue(name: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    throw malformed(`the header ${name} is not a string`);
  }
  try {
    validateHeaderName(name);
    validateHeaderValue(name, String(value));
  } catch (cause) {
    throw malformed(cause instanceof Error ? cause.message : String(cause));
  }
  return String(value);
}

function malformed(reason: string): GatewayError {
  return new GatewayError('API_CONFIGURATION_ERROR', `the function's result is malformed: ${reason}`);
}
