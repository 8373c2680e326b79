import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { closeServer, listenOn } from '../listen.ts';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  png: 'image/png',
  vtt: 'text/vtt; charset=utf-8',
  webp: 'image/webp',
};

/** Images and captions, by the name that publishing gives them. Nothing else is served, so no path can lead elsewhere. */
const ASSET_PATH = /^\/courses\/[a-z0-9-]{1,64}\/[0-9a-f]{32}\.(gif|jpeg|jpg|png|vtt|webp)$/;

export interface Cdn {
  /** What `MEDIA_BASE_URL` is set to. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves images and captions out of the media folder, as CloudFront does from the bucket. Audio and video are for
 * holders of a playback grant, and refused until there are grants.
 */
export async function startCdn({ mediaDir, port }: { readonly mediaDir: string; readonly port: number }): Promise<Cdn> {
  const server = createServer(async (request, response) => {
    const [, extension = ''] = ASSET_PATH.exec(request.url ?? '') ?? [];
    const file = path.join(mediaDir, request.url ?? '');
    const size = CONTENT_TYPES[extension] === undefined ? null : await sizeOf(file);
    if (size === null || (request.method !== 'GET' && request.method !== 'HEAD')) {
      // What CloudFront answers of a bucket it may not list: no difference between absent and forbidden.
      response.writeHead(403, { 'Content-Type': 'text/plain' }).end('Access denied\n');
      return;
    }
    response.writeHead(200, {
      'Content-Type': CONTENT_TYPES[extension],
      'Content-Length': size,
      // The name is made of the content, so it never changes.
      'Cache-Control': 'public, max-age=31536000, immutable',
      'Access-Control-Allow-Origin': '*',
      'X-Content-Type-Options': 'nosniff',
    });
    if (request.method === 'HEAD') response.end();
    else
      createReadStream(file)
        .on('error', () => response.destroy())
        .pipe(response);
  });
  const bound = await listenOn(server, [port, 0]);
  return {
    url: `http://127.0.0.1:${bound}`,
    close: () => closeServer(server),
  };
}

/** Null for whatever is no file that can be read: why not is nothing a client is told. */
async function sizeOf(file: string): Promise<number | null> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() ? found.size : null;
}
