import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { closeServer, listenOn } from '../../../local/http/listen.ts';

/** A request of an AWS client. */
export interface AwsRequest {
  /** Method and path. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  /** Parsed if it is JSON. Otherwise a text. */
  readonly body: unknown;
}

/** An answer of AWS. Its body is sent as JSON, and a text as XML. */
interface AwsAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * Directs the AWS clients of a test file to a server that answers like one service. `null` is no answer at all. Call it
 * once, at the top of the file.
 *
 * @param endpoint the environment variable with the address of the service.
 */
export function useAwsStandIn(
  endpoint: string,
  answer: (request: AwsRequest) => AwsAnswer | null | Promise<AwsAnswer | null>,
): void {
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const received = await text(request);
    const isJson = headers['content-type']?.includes('json') ?? false;
    const answered = await answer({
      line: `${method} ${url}`,
      headers,
      body: isJson ? JSON.parse(received) : received,
    });
    if (answered === null) return;
    const isXml = typeof answered.body === 'string';
    const contentType = isXml ? 'text/xml' : 'application/json';
    response.writeHead(answered.status ?? 200, { 'Content-Type': contentType, ...answered.headers });
    response.end(isXml ? answered.body : JSON.stringify(answered.body));
  });

  beforeAll(async () => {
    const port = await listenOn(server, [0]);
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      [endpoint]: `http://127.0.0.1:${port}`,
    });
  });
  afterAll(() => closeServer(server));
}
