import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { ApiModel } from '../../tools/template/model.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { closeServer, listenOn } from '../http/listen.ts';
import { type Authorizer, createAuthorizer } from './authorizer/authorizer.ts';
import { createStageCache } from './cache/stage-cache.ts';
import { createFunctionHost, type FunctionHost } from './lambda/function-host.ts';
import type { Log } from './lambda/log.ts';
import { createTerminalLog } from './lambda/terminal-log.ts';
import { type Exchange, handleRequest, hostOf, type PipelineParts } from './pipeline.ts';
import { type GatewayRequest, headerOf, headersOf, toGatewayRequest } from './request/request.ts';
import { readBody } from './request/request-body.ts';
import { createRouter } from './request/routing.ts';
import { type Answer, withHeader } from './response/answer.ts';
import { compressed } from './response/compression.ts';
import { readableOnLoopback } from './response/loopback-origin.ts';

export interface GatewayOptions {
  readonly templateFile: string;
  /** Values that replace the defaults of the template's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Has each function's bundle as `<name>/index.mjs`. */
  readonly functionsDir: string;
  /** Variables that override those of the template, by function name, or `*` for all functions. */
  readonly environment?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** 127.0.0.1 by default. */
  readonly host?: string;
  /** Any free port by default, as with 0. */
  readonly port?: number;
  readonly now?: () => Date;
  readonly log?: Log;
  /** False disables the stage cache. */
  readonly cache?: boolean;
  /** Whether web apps on this machine may read every answer, at whatever port they are. False by default. */
  readonly allowLoopbackOrigins?: boolean;
}

export interface Gateway {
  /** Base URL of every route, such as `http://127.0.0.1:3000/v1`. */
  readonly url: string;
  readonly port: number;
  readonly model: ApiModel;
  /** Reloads a function's bundle. Requests in progress finish with the old one. Both caches keep their entries. */
  reload(functionName: string): void;
  flushCache(): void;
  /** Clears the cache of authorizer results. The stage cache keeps its entries. */
  flushAuthorizers(): void;
  /** Ends all connections and functions at once. */
  close(): Promise<void>;
}

/** Serves the API of a template on this machine, as API Gateway and Lambda do. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { host = '127.0.0.1', port = 0, now = () => new Date(), log = createTerminalLog(process.stdout) } = options;
  const { allowLoopbackOrigins = false } = options;
  const model = readTemplate(options.templateFile, { parameters: options.parameters ?? {} });

  const cache = options.cache === false ? null : createStageCache(now);
  const hosts = createHosts(model, options, log);
  const authorizers = createAuthorizers(model, hosts, now);
  const parts: PipelineParts = { model, router: createRouter(model), cache, authorizers, hosts };
  const api: Api = { parts, log, allowLoopbackOrigins };

  const server = createServer(
    { keepAliveTimeout: 5_000, headersTimeout: 10_000, requestTimeout: 60_000 },
    (message, response) => {
      serve(api, toGatewayRequest(message, now()), message, response).catch((cause: unknown) => {
        logFailure(log, cause);
        response.destroy();
      });
    },
  );
  server.on('clientError', (_, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    else socket.destroy();
  });
  const boundPort = await listenOn(server, [port], host);

  let closing: Promise<void> | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}/${model.stageName}`,
    port: boundPort,
    model,
    reload(functionName) {
      const fn = hosts.get(functionName);
      if (fn === undefined) throw new Error(`There is no function ${functionName} in the template`);
      fn.reload();
    },
    flushCache: () => cache?.flush(),
    flushAuthorizers() {
      for (const authorizer of authorizers.values()) authorizer.flush();
    },
    close() {
      closing ??= closeAll(server, hosts);
      return closing;
    },
  };
}

interface Api extends Required<Pick<GatewayOptions, 'log' | 'allowLoopbackOrigins'>> {
  readonly parts: PipelineParts;
}

async function serve(
  { parts, log, allowLoopbackOrigins }: Api,
  request: GatewayRequest,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const startedAt = performance.now();
  const exchange = await handleRequest(parts, request, () => readBody(message));
  const acceptEncoding = headersOf(request, 'accept-encoding').join(',');
  // After the stage cache, which stores what functions answer (docs/decisions/0039).
  const answered =
    exchange.gatewayError === null
      ? compressed(exchange.answer, acceptEncoding, parts.model.minimumCompressionBytes)
      : exchange.answer;
  const answer = allowLoopbackOrigins ? readableOnLoopback(answered, headerOf(request, 'origin')) : answered;
  send(response, withHeader(withHeader(answer, 'x-amzn-RequestId', request.id), 'x-amz-apigw-id', request.extendedId));
  log({
    kind: 'access',
    method: request.method,
    path: loggedPath(request, exchange, parts.model),
    status: exchange.answer.status,
    durationMilliseconds: performance.now() - startedAt,
    cache: exchange.cache,
    authorizer: exchange.authorizer,
    requestId: request.id,
    gatewayError: exchange.gatewayError,
  });
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  const hasBody = status !== 204 && status !== 304;
  const length = hasBody ? [['Content-Length', String(body.length)]] : [];
  // Repeated names, such as Set-Cookie, become several headers.
  response.writeHead(status, [...headers, ...length].flat());
  // For HEAD, Node sends only the headers, with the length of the body that the function returned.
  response.end(hasBody ? body : undefined);
}

/** A path parameter that holds a token, such as that of a private feed, is a secret: show only its name. */
function loggedPath(request: GatewayRequest, { match }: Exchange, model: ApiModel): string {
  const hasToken = Object.keys(match?.pathParameters ?? {}).some((name) => /token$/i.test(name));
  return hasToken ? `/${model.stageName}${match?.resourcePath}` : request.path;
}

function logFailure(log: Log, cause: unknown): void {
  const details = { error: { stack: cause instanceof Error ? cause.stack : undefined } };
  log({ kind: 'function', function: 'gateway', level: 'ERROR', message: String(cause), requestId: null, details });
}

function createAuthorizers(
  { authorizers }: ApiModel,
  hosts: ReadonlyMap<string, FunctionHost>,
  now: () => Date,
): ReadonlyMap<string, Authorizer> {
  return new Map(
    authorizers.map((authorizer) => [authorizer.name, createAuthorizer(authorizer, hostOf(hosts, authorizer), now)]),
  );
}

function createHosts(model: ApiModel, options: GatewayOptions, log: Log): ReadonlyMap<string, FunctionHost> {
  return new Map(
    model.functions.map((fn) => [
      fn.name,
      createFunctionHost({
        fn,
        bundleFile: join(options.functionsDir, fn.name, 'index.mjs'),
        variables: { ...options.environment?.['*'], ...options.environment?.[fn.name] },
        log,
      }),
    ]),
  );
}

async function closeAll(server: Server, hosts: ReadonlyMap<string, FunctionHost>): Promise<void> {
  await Promise.all([closeServer(server), ...[...hosts.values()].map((host) => host.close())]);
}
