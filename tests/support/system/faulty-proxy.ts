import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import { gunzipSync, gzipSync } from 'node:zlib';
import { closeServer, listenOn } from '../../../local/http/listen.ts';

/** What goes wrong with a request. */
export type Fault =
  | { readonly status: number; readonly body?: string }
  /** The system handles the request, but its answer is another one. */
  | {
      readonly insteadOf: 'answer';
      readonly status: number;
      readonly body: string;
      readonly headers?: OutgoingHttpHeaders;
    }
  /** The system handles the request, and its answer never arrives. */
  | 'no answer';

export interface Passing {
  readonly to: 'api' | 'media';
  readonly method: string;
  /** Below the stage, without the query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** A proxy in front of a system and its media, through which some requests fail. */
export interface FaultyProxy {
  readonly apiUrl: string;
  /** All requests so far, as `METHOD path`. */
  readonly requests: readonly string[];
  /** Decides what goes wrong from now on. May wait, and may act before a request passes. */
  breakBy(fault: (passing: Passing) => Fault | null | Promise<Fault | null>): void;
  close(): Promise<void>;
}

export async function openFaultyProxy(system: {
  readonly apiUrl: string;
  readonly mediaUrl: string;
}): Promise<FaultyProxy> {
  const api = new URL(system.apiUrl);
  const media = new URL(system.mediaUrl);
  const requests: string[] = [];
  let faultOf: Parameters<FaultyProxy['breakBy']>[0] = () => null;
  let mediaOrigin = '';

  function serverFor(to: Passing['to'], target: URL): Server {
    return createServer((incoming, outgoing) => {
      const path = (incoming.url ?? '').replace(/\?.*/s, '').replace(api.pathname, '');
      const { method = '', headers } = incoming;
      requests.push(`${method} ${path}`);
      Promise.resolve(faultOf({ to, method, path, headers }))
        .then((fault) => answer(fault, to, target, incoming, outgoing))
        .catch(() => outgoing.destroy());
    });
  }

  async function answer(
    fault: Fault | null,
    to: Passing['to'],
    target: URL,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    if (fault !== null && fault !== 'no answer' && !('insteadOf' in fault)) {
      outgoing.writeHead(fault.status, { 'x-amzn-RequestId': 'id-of-the-fault' }).end(fault.body);
      return;
    }
    const { status, headers, body } = await forward(incoming, target, to);
    if (fault === 'no answer') return;
    if (fault !== null) {
      outgoing.writeHead(fault.status, { 'x-amzn-RequestId': 'id-of-the-fault', ...fault.headers }).end(fault.body);
      return;
    }
    // So that the media come through this proxy too.
    const sent = to === 'api' ? withMediaOrigin(body, headers['content-encoding'] === 'gzip') : body;
    outgoing.writeHead(status, { ...headers, 'content-length': sent.length }).end(sent);
  }

  function withMediaOrigin(body: Buffer, isCompressed: boolean): Buffer {
    const text = (isCompressed ? gunzipSync(body) : body).toString();
    const replaced = Buffer.from(text.replaceAll(media.origin, mediaOrigin));
    return isCompressed ? gzipSync(replaced) : replaced;
  }

  /** The API gets the client's Host, by which it names feeds. The CDN gets its own, for which links are signed. */
  function forward(incoming: IncomingMessage, target: URL, to: Passing['to']) {
    return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
      const headers = to === 'media' ? { ...incoming.headers, host: target.host } : incoming.headers;
      const { hostname, port } = target;
      const outgoing = request({ hostname, port, path: incoming.url, method: incoming.method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      });
      outgoing.on('error', reject);
      incoming.pipe(outgoing);
    });
  }

  const servers = [serverFor('api', api), serverFor('media', media)] as const;
  const [apiPort, mediaPort] = [await listenOn(servers[0], [0]), await listenOn(servers[1], [0])];
  mediaOrigin = `http://127.0.0.1:${mediaPort}`;
  return {
    apiUrl: `http://127.0.0.1:${apiPort}${api.pathname}`,
    requests,
    breakBy(fault) {
      faultOf = fault;
    },
    async close() {
      for (const server of servers) await closeServer(server);
    },
  };
}
