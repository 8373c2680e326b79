import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import aws4 from 'aws4';
import { awsCredentials, awsEndpoint, awsRegion } from '../config.ts';

/*
 * Functions call two operations of AWS. A signed request is a tenth of what the SDK's clients load, with their chain of
 * credentials that Lambda does not need: there, credentials are in the environment (docs/decisions/0042).
 */

/** One operation of a service of AWS that takes and returns JSON. */
export interface AwsOperation {
  /** As credentials are scoped to it: `ssm`. */
  readonly service: string;
  /** The first part of its host name: `ssm`. */
  readonly host: string;
  /** Its name in `AWS_ENDPOINT_URL_<name>`, which directs calls elsewhere: `SSM`. */
  readonly endpointName: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface CallOptions {
  /** How often to try, the first time included. */
  readonly attempts: number;
  /** Ends the call, with its retries. */
  readonly signal: AbortSignal;
}

/** AWS refused a call. Its name is the code of the error. It has no message of AWS, because those quote what was sent. */
class AwsRefusal extends Error {
  override readonly name: string;
  readonly status: number;

  constructor(code: string, status: number) {
    super(`AWS answered ${status}`);
    this.name = code;
    this.status = status;
  }
}

/** Codes of calls that came too fast (AWS SDKs and Tools Reference Guide, "Retry behavior"). */
const THROTTLED = /Throttl|^(RequestLimitExceeded|TooManyRequestsException|SlowDown|BandwidthLimitExceeded)$/;

const SERVER_FAILURES: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** Longest wait before the second attempt, in milliseconds. It doubles with each attempt. */
const BACKOFF_MS = { throttled: 1000, failed: 100 } as const;

/**
 * Calls an operation of AWS and returns its answer. Calls that were throttled, failed in AWS or did not get through are
 * tried again after a random part of a wait that doubles (full jitter), as the SDK does in its standard mode.
 * @throws AwsRefusal if AWS refuses the call; AbortError if the signal ends it; a socket error.
 */
export async function callAws(operation: AwsOperation, input: unknown, options: CallOptions): Promise<unknown> {
  const { attempts, signal } = options;
  const request = signedRequest(operation, JSON.stringify(input));
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send(request, signal);
    } catch (error) {
      const backoffMs = backoffAfter(error);
      if (signal.aborted || backoffMs === null || attempt >= attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * backoffMs * 2 ** (attempt - 1)));
    }
  }
}

/** Returns null if the same call would fail again. */
function backoffAfter(error: unknown): number | null {
  if (!(error instanceof AwsRefusal)) return BACKOFF_MS.failed;
  if (error.status === 429 || THROTTLED.test(error.name)) return BACKOFF_MS.throttled;
  return SERVER_FAILURES.has(error.status) ? BACKOFF_MS.failed : null;
}

interface SignedRequest {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** A signature is valid for some minutes, so also for the retries. */
function signedRequest({ service, host, endpointName, path, headers }: AwsOperation, body: string): SignedRequest {
  const url = new URL(path, awsEndpoint(endpointName) ?? defaultEndpoint(host));
  const signed = aws4.sign(
    { service, region: awsRegion(), method: 'POST', host: url.host, path: url.pathname, headers: { ...headers }, body },
    awsCredentials(),
  );
  return { url, headers: signed.headers as Record<string, string>, body };
}

async function send({ url, headers, body }: SignedRequest, signal: AbortSignal): Promise<unknown> {
  // Not imported: as an ES module, `node:http` loads all of `fetch`. Only stand-ins of AWS need it.
  const request = url.protocol === 'http:' ? process.getBuiltinModule('node:http').request : httpsRequest;
  // With a connection of its own: one that was kept may have died while the container was frozen.
  const options = { method: 'POST', headers, agent: false, signal } as const;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, options).on('response', resolve).on('error', reject).end(body);
  });
  const answer = parseObject(await text(response));
  const { statusCode = 0 } = response;
  if (statusCode === 200) return answer;
  throw new AwsRefusal(codeOf(response, answer), statusCode);
}

/** Amazon's domain in China is another one (AWS General Reference, "AWS service endpoints"). */
function defaultEndpoint(host: string): string {
  const region = awsRegion();
  return `https://${host}.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** Depending on the protocol, in a header or in the body, with a namespace before it or an address after it. */
function codeOf({ headers }: IncomingMessage, answer: Readonly<Record<string, unknown>>): string {
  const code = String(headers['x-amzn-errortype'] ?? answer['__type'] ?? 'Unknown');
  return /^(?:.*#)?(\w{1,64})/.exec(code)?.[1] ?? 'Unknown';
}

function parseObject(json: string): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(json) as object) };
  } catch {
    // No cause: its message would quote the text.
    return {};
  }
}
