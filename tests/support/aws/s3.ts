import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import { listenOn } from '../../../local/http/listen.ts';
import { toolPath } from '../jest/programs.ts';

/** A request to S3: `UploadPart 3 media/sound/….mp4`. */
export interface S3Request {
  readonly operation: string;
  readonly key: string;
  readonly partNumber: number | undefined;
}

/** What happens to a request: it passes, gets an error of S3, or is held until its sender disconnects. */
export type Ruling = 'pass' | 'keep' | { readonly status: number; readonly code: string };

/** moto's server, which implements S3, behind a proxy that sees every request. */
export interface S3StandIn {
  readonly endpoint: string;
  /** The requests that S3 answered, in order, since the last `forget`. */
  readonly answered: S3Request[];
  forget(): void;
  /** Until the next call. */
  rule(ruling: (request: S3Request) => Ruling): void;
  /** Resolves once this number of requests of this operation were answered. */
  answeredTimes(operation: string, times: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startS3(): Promise<S3StandIn> {
  const moto = spawn(toolPath('python'), ['-m', 'moto.server', '-p', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const port = await portOf(moto);
  const answered: S3Request[] = [];
  const waiting = new Set<() => void>();
  let ruling: (request: S3Request) => Ruling = () => 'pass';

  const proxy = createServer((incoming, outgoing) => {
    const asked = requestOf(incoming);
    const ruled = ruling(asked);
    if (ruled === 'keep') return;
    if (ruled !== 'pass') {
      incoming.resume().on('end', () => {
        outgoing.writeHead(ruled.status, { 'Content-Type': 'application/xml' });
        outgoing.end(`<Error><Code>${ruled.code}</Code><Message>Not today</Message></Error>`);
      });
      return;
    }
    forward(incoming, outgoing, port, () => {
      answered.push(asked);
      for (const look of waiting) look();
    });
  });
  const proxyPort = await listenOn(proxy, [0]);

  return {
    endpoint: `http://127.0.0.1:${proxyPort}`,
    answered,
    forget: () => answered.splice(0),
    rule: (next) => {
      ruling = next;
    },
    answeredTimes: (operation, times) =>
      new Promise((resolve) => {
        const look = () => {
          if (answered.filter((one) => one.operation === operation).length < times) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async stop() {
      proxy.closeAllConnections();
      proxy.close();
      moto.kill();
      await once(moto, 'exit');
    },
  };
}

function forward(incoming: IncomingMessage, outgoing: ServerResponse, port: number, answered: () => void): void {
  const { method, url, headers } = incoming;
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
    answer.on('end', answered);
  });
  onward.on('error', () => outgoing.destroy());
  incoming.on('error', () => onward.destroy());
  incoming.pipe(onward);
}

/** The port that the server prints. */
async function portOf(moto: ChildProcess): Promise<number> {
  if (moto.stderr === null) throw new Error('moto has no output');
  const lines = createInterface(moto.stderr);
  for await (const line of lines) {
    const port = /Running on http:\/\/127\.0\.0\.1:(?<port>\d+)/.exec(line)?.groups?.['port'];
    if (port === undefined) continue;
    moto.stderr.resume();
    return Number(port);
  }
  throw new Error('moto has ended before it listened');
}

function requestOf({ method, url = '/' }: IncomingMessage): S3Request {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [, , ...key] = decodeURIComponent(pathname).split('/');
  const part = searchParams.get('partNumber');
  const operations: Record<string, string> = searchParams.has('uploads')
    ? { GET: 'ListMultipartUploads', POST: 'CreateMultipartUpload' }
    : searchParams.has('uploadId')
      ? { GET: 'ListParts', POST: 'CompleteMultipartUpload', PUT: 'UploadPart' }
      : { HEAD: 'HeadObject', GET: 'GetObject', PUT: 'PutObject' };
  return {
    operation: operations[method ?? ''] ?? `${method}`,
    key: key.join('/'),
    partNumber: part === null ? undefined : Number(part),
  };
}
