import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { build } from 'esbuild';
import { closeServer, listenOn } from '../../../local/http/listen.ts';

/** Serves a page with a session (page.ts) on its own origin until the file's last test is done. */
export function useSessionSite(): { origin(): string } {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [path.join(import.meta.dirname, 'page.ts')],
      bundle: true,
      format: 'esm',
      write: false,
      logLevel: 'silent',
    });
    const page = `<!doctype html><link rel="icon" href="data:,"><script type="module">${outputFiles[0]?.text}</script>`;
    server = createServer((_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page);
    });
    port = await listenOn(server, [0]);
  });
  afterAll(() => closeServer(server));

  return { origin: () => `http://127.0.0.1:${port}` };
}
