import { randomUUID } from 'node:crypto';
import { type FileHandle, realpath } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { closeServer, listenOn } from '../http/listen.ts';
import { type Behaviour, behaviourFor } from './behaviour.ts';
import { type CorsHeaders, corsHeaders, PREFLIGHT_HEADERS } from './cors.ts';
import { parseRangeHeader } from './file/byte-ranges.ts';
import { objectKeyFor } from './file/object-key.ts';
import { isNotModified, rangeApplies } from './file/preconditions.ts';
import { buildRangeResponse, type RangeResponse } from './file/range-response.ts';
import { openStoredFile, type StoredFile } from './file/stored-file.ts';
import {
  methodNotAllowed,
  noSuchFile,
  type Refusal,
  rangeNotSatisfiable,
  signatureRefusal,
  tooLong,
} from './refusal.ts';
import { checkSignature } from './signature/signature-check.ts';
import { readTrustedKeys, type TrustedKeys } from './signature/trusted-keys.ts';

export interface CdnOptions {
  /** Stands in for the bucket: a key is the path of a file in it. */
  readonly mediaDir: string;
  /** The preferred port. */
  readonly port: number;
  /** The key group: public keys in PEM form, by key id. */
  readonly trustedKeys: ReadonlyMap<string, string>;
  /** Origins that may send cookies for signed content. Without a list, any origin may read without cookies. */
  readonly allowedOrigins?: readonly string[];
  readonly now?: () => Date;
}

export interface Cdn {
  /** The value for `MEDIA_BASE_URL`. */
  readonly url: string;
  close(): Promise<void>;
}

/** The state of a running server. */
interface Distribution {
  readonly mediaDir: string;
  readonly trustedKeys: TrustedKeys;
  readonly allowedOrigins: readonly string[] | null;
  readonly now: () => Date;
}

/**
 * "Maximum length of a URL" and "Maximum length of a request" (Amazon CloudFront Developer Guide, Quotas), in bytes.
 */
const MAX_URL_BYTES = 8192;
const MAX_REQUEST_BYTES = 20_480;

const CLOSED_WITH_400 = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';
const CLOSED_WITH_413 = 'HTTP/1.1 413 Request Entity Too Large\r\nConnection: close\r\n\r\n';

/** How much of a file is buffered for a client. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Serves the media folder as CloudFront serves a private bucket: `courses/` to everyone, anything else only with a URL
 * or cookies that a trusted key signed. docs/media.md lists the rules and their sources.
 */
export async function startCdn(options: CdnOptions): Promise<Cdn> {
  const distribution: Distribution = {
    mediaDir: await realpath(options.mediaDir),
    trustedKeys: readTrustedKeys(options.trustedKeys),
    allowedOrigins: options.allowedOrigins ?? null,
    now: options.now ?? (() => new Date()),
  };
  const server = createServer({ maxHeaderSize: MAX_REQUEST_BYTES }, (request, response) => {
    // The client has gone, or the file cannot be read to its end. The status is sent already, so only breaking the
    // connection can tell.
    answer(request, response, distribution).catch(() => response.destroy());
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) socket.destroy();
    else socket.end(error.code === 'HPE_HEADER_OVERFLOW' ? CLOSED_WITH_413 : CLOSED_WITH_400);
  });
  const bound = await listenOn(server, [options.port, 0]);
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () => closeServer(server),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, distribution: Distribution): Promise<void> {
  const target = request.url ?? '';
  const host = request.headers.host ?? '';
  const [path = ''] = target.split('?');
  const behaviour = behaviourFor(path);

  if (`http://${host}${target}`.length > MAX_URL_BYTES) return refuse(response, tooLong());
  const cors = corsHeaders(request.headers.origin, behaviour.needsSignature ? distribution.allowedOrigins : null);
  // Browsers send preflights without cookies, so they cannot be signed.
  if (request.method === 'OPTIONS') return answerPreflight(response, cors);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, methodNotAllowed());
  if (behaviour.needsSignature) {
    const { cookie } = request.headers;
    const sourceAddress = request.socket.remoteAddress ?? '';
    const verdict = checkSignature(
      { host, target, cookie, sourceAddress },
      distribution.trustedKeys,
      distribution.now(),
    );
    if (verdict !== 'allowed') return refuse(response, signatureRefusal(verdict));
  }

  // The answers above are CloudFront's own, and have none of these headers. Those below come from the bucket.
  for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
  const key = objectKeyFor(path);
  const file = key === null ? null : await openStoredFile(distribution.mediaDir, key);
  if (file === null) return refuse(response, noSuchFile());
  try {
    await sendFile(request, response, file, behaviour);
  } finally {
    await file.handle.close();
  }
}

function refuse(response: ServerResponse, { status, headers, body }: Refusal): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function answerPreflight(response: ServerResponse, cors: CorsHeaders): void {
  const headers = 'Access-Control-Allow-Origin' in cors ? PREFLIGHT_HEADERS : {};
  response.writeHead(200, { ...cors, ...headers, 'Content-Length': 0 }).end();
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: StoredFile,
  { cacheControl }: Behaviour,
): Promise<void> {
  const commonHeaders = {
    ETag: file.etag,
    'Last-Modified': file.lastModified.toUTCString(),
    'Cache-Control': cacheControl,
    'X-Content-Type-Options': 'nosniff',
  };
  if (isNotModified(request.headers, file)) {
    response.writeHead(304, commonHeaders).end();
    return;
  }

  // Ranges apply to GET only (RFC 9110 section 14.2).
  const isRanged = request.method === 'GET' && rangeApplies(request.headers, file);
  const ranges = isRanged ? parseRangeHeader(request.headers.range, file.size) : 'whole';
  if (ranges === 'unsatisfiable') return refuse(response, rangeNotSatisfiable(file.size));
  const { status, headers, parts } = buildRangeResponse(ranges, file, randomUUID());
  response.writeHead(status, { ...commonHeaders, ...headers, 'Accept-Ranges': 'bytes' });
  if (request.method === 'HEAD') response.end();
  else await pipeline(Readable.from(bytesOf(file.handle, parts)), response);
}

async function* bytesOf(handle: FileHandle, parts: RangeResponse['parts']): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if (Buffer.isBuffer(part)) yield part;
    else yield* bytesIn(handle, part);
  }
}

async function* bytesIn(
  handle: FileHandle,
  { first, last }: { readonly first: number; readonly last: number },
): AsyncGenerator<Buffer> {
  for (let position = first; position <= last; ) {
    const length = Math.min(CHUNK_BYTES, last - position + 1);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    if (bytesRead === 0) throw new Error('The file became shorter while it was sent');
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}
