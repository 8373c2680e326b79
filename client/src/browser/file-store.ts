import { type FileStore, PIECE_BYTES } from '../downloads/file-store.ts';
import { CACHE_NAME, DEFAULT_FOLDER, pieceUrl } from './local-files.ts';
import { sha256 } from './sha256.ts';

/** Of the request that a piece is stored under: lists of requests come without their responses. */
const SIZE = 'Lectern-Size';

/**
 * Returns a file store in the browser's cache storage. The service worker (service-worker.ts) serves its files.
 * @param folder the same as the service worker's
 */
export function browserFileStore(folder: string = DEFAULT_FOLDER): FileStore {
  const open = () => caches.open(CACHE_NAME);
  const url = (path: string) => folder + path;

  return {
    url,

    async list(account) {
      const sizes = new Map<string, number>();
      const prefix = url(`${account}/`);
      for (const request of await (await open()).keys()) {
        const { pathname } = new URL(request.url);
        if (!pathname.startsWith(prefix)) continue;
        const name = pathname.slice(prefix.length);
        sizes.set(name, (sizes.get(name) ?? 0) + Number(request.headers.get(SIZE)));
      }
      return [...sizes].map(([name, sizeBytes]) => ({ name, sizeBytes }));
    },

    async append(path, bytes, { offset, sizeBytes, contentType }) {
      const request = new Request(pieceUrl(url(path), offset), { headers: { [SIZE]: `${bytes.length}` } });
      const headers = {
        'Content-Type': contentType,
        'Content-Range': `bytes ${offset}-${offset + bytes.length - 1}/${sizeBytes}`,
      };
      await (await open()).put(request, new Response(bytes as Uint8Array<ArrayBuffer>, { headers }));
    },

    async read(path) {
      const piece = await (await open()).match(pieceUrl(url(path), 0));
      return piece ? piece.text() : null;
    },

    async remove(path) {
      await (await open()).delete(url(path), { ignoreSearch: true });
    },

    async sha256(path) {
      const cache = await open();
      const hash = sha256();
      for (let offset = 0; ; offset += PIECE_BYTES) {
        const piece = await cache.match(pieceUrl(url(path), offset));
        if (!piece) return hash.digest();
        hash.update(new Uint8Array(await piece.arrayBuffer()));
      }
    },
  };
}
