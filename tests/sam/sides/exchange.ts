import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Answer } from '../../../local/gateway/response/answer.ts';

/** A client's request, below the stage. */
export interface ClientRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Sends a request as written, which `fetch` would normalize, and waits for the whole answer. */
export async function exchange(baseUrl: string, { method, target, headers, body }: ClientRequest): Promise<Answer> {
  const { hostname, port, pathname } = new URL(baseUrl);
  const path = pathname.replace(/\/$/, '') + target;
  // Explicit, because Node.js sends it for some methods only.
  const length = body === null ? {} : { 'Content-Length': Buffer.byteLength(body) };
  const outgoing = request({ hostname, port, path, method, headers: { ...headers, ...length }, agent: false });
  outgoing.end(body ?? undefined);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];

  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const raw = incoming.rawHeaders;
  return {
    status: incoming.statusCode ?? 0,
    headers: raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : [])),
    body: Buffer.concat(chunks),
  };
}
