import type { APIGatewayProxyResult } from 'aws-lambda';
import { type Problem, problemBody } from './problem.ts';

/** An answer with a status or headers of its own; a route that needs neither returns its data alone. */
export class Reply<Body> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: Body, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/**
 * The proxy result for what a route function returned, or for nothing.
 * @param contentType of the body: data become JSON, and what is of another media type is a text already
 */
export function successResult(
  status: number,
  body: unknown,
  contentType: string,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyResult {
  // Of what the client has already. Without it API Gateway says `application/json`, which a cache may take over for what it
  // keeps (RFC 9111 section 3.2).
  const typeOfKept = status === 304 ? { 'Content-Type': contentType } : {};
  if (body === undefined) return { statusCode: status, headers: { ...typeOfKept, ...headers }, body: '' };
  return {
    statusCode: status,
    headers: { 'Content-Type': contentType, ...headers },
    body: contentType === 'application/json' ? JSON.stringify(body) : String(body),
  };
}

/** The proxy result for a problem. */
export function problemResult(
  failure: Problem,
  requestId: string,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyResult {
  return {
    statusCode: failure.status,
    headers: { ...headers, ...failure.headers, 'Content-Type': 'application/problem+json' },
    body: JSON.stringify(problemBody(failure, requestId)),
  };
}
