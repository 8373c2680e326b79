import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { build } from 'esbuild';
import { closeServer, listenOn } from '../../../local/http/listen.ts';

/**
 * Serves the page of the player on its own origin until the file's last test is done. It is of the same site as the API
 * and the media, as `app.example.com` and `media.example.com` are, since ports do not count.
 */
export function usePlayerSite(): { origin(): string } {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    const files: Readonly<Record<string, readonly [contentType: string, body: string]>> = {
      '/': ['text/html', await readFile(path.join(import.meta.dirname, 'index.html'), 'utf8')],
      '/page.js': ['text/javascript', await bundledPage()],
    };
    server = createServer((request, response) => {
      const [contentType, body] = files[request.url ?? ''] ?? ['text/plain', ''];
      response.writeHead(body === '' ? 404 : 200, { 'Content-Type': `${contentType}; charset=utf-8` }).end(body);
    });
    port = await listenOn(server, [0]);
  });
  afterAll(() => closeServer(server));

  return { origin: () => `http://127.0.0.1:${port}` };
}

async function bundledPage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, 'page.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
