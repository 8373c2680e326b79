import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { build } from 'esbuild';
import { closeServer, listenOn } from '../../../../local/http/listen.ts';

/** Serves the page and its service worker on their own origin until the file's last test is done. */
export function useOfflineSite(): { origin(): string } {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    const files: Readonly<Record<string, readonly [contentType: string, body: string]>> = {
      '/': ['text/html', await readFile(path.join(import.meta.dirname, 'index.html'), 'utf8')],
      '/page.js': ['text/javascript', await bundled('page.ts')],
      '/service-worker.js': ['text/javascript', await bundled('service-worker.ts')],
    };
    server = createServer((request, response) => {
      // Unknown addresses get the start page, as in most web apps.
      const [contentType, body] = files[request.url ?? ''] ?? (files['/'] as readonly [string, string]);
      response.writeHead(200, { 'Content-Type': `${contentType}; charset=utf-8` }).end(body);
    });
    port = await listenOn(server, [0]);
  });
  afterAll(() => closeServer(server));

  return { origin: () => `http://127.0.0.1:${port}` };
}

async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, file)],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
