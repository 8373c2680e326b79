import { PIECE_BYTES } from '../downloads/file-store.ts';
import { CACHE_NAME, DEFAULT_FOLDER, pieceUrl } from './local-files.ts';

/** The part of a service worker's `FetchEvent` that is used. */
export interface FetchEventLike {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

/**
 * Answers requests for downloaded files, also of byte ranges, in an app's service worker:
 * `addEventListener('fetch', (event) => void handleFetch(event))`. Leaves all other requests alone, and returns false.
 * @param folder the same as the file store's
 */
export function handleFetch(event: FetchEventLike, folder: string = DEFAULT_FOLDER): boolean {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || !pathname.startsWith(folder)) return false;
  event.respondWith(answer(request, pathname));
  return true;
}

async function answer(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(CACHE_NAME);
  const first = await cache.match(pieceUrl(path, 0));
  const size = Number(first?.headers.get('Content-Range')?.split('/')[1]);
  // Never from the network: web apps answer unknown addresses with their start page.
  if (!first || !(await hasAll(cache, path, size))) return new Response(null, { status: 404 });
  const headers = new Headers({
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
    'Content-Type': first.headers.get('Content-Type') ?? '',
    // A file that is opened as a page of the app's origin may do nothing there.
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
  });
  const range = rangeOf(request.headers.get('Range'), size);
  if (range === null) {
    headers.set('Content-Range', `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  const { from, to, isWhole } = range;
  headers.set('Content-Length', `${to - from}`);
  if (!isWhole) headers.set('Content-Range', `bytes ${from}-${to - 1}/${size}`);
  const body = request.method === 'HEAD' ? null : bytesOf(cache, path, from, to);
  return new Response(body, { status: isWhole ? 200 : 206, headers });
}

/** Pieces are stored in order, so the last one is there only if all are. */
async function hasAll(cache: Cache, path: string, size: number): Promise<boolean> {
  const last = Math.floor((size - 1) / PIECE_BYTES) * PIECE_BYTES;
  return (await cache.match(pieceUrl(path, last))) !== undefined;
}

/** Reads a `Range` header (RFC 9110 section 14.2). Null if the file has no such bytes. Several ranges get the whole file. */
function rangeOf(header: string | null, size: number): { from: number; to: number; isWhole: boolean } | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return { from: 0, to: size, isWhole: true };
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  return from < to ? { from, to, isWhole: false } : null;
}

/** Reads piece by piece, as the player asks for more. */
function bytesOf(cache: Cache, path: string, from: number, to: number): ReadableStream<Uint8Array> {
  let position = from;
  return new ReadableStream({
    async pull(controller) {
      const offset = Math.floor(position / PIECE_BYTES) * PIECE_BYTES;
      const piece = await cache.match(pieceUrl(path, offset));
      if (!piece) return controller.error(new Error('The file has been deleted'));
      const bytes = new Uint8Array(await piece.arrayBuffer()).subarray(position - offset, to - offset);
      position += bytes.length;
      controller.enqueue(bytes);
      if (position >= to) controller.close();
    },
  });
}
