import type { APIGatewayProxyResult } from 'aws-lambda';
import { type Problem, problemBody } from './problem.ts';

/** An answer with its own status or headers. A route that needs neither returns just its data. */
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
 * Builds the proxy result for the output of a route function.
 * @param contentType of the body. JSON is serialized here; for any other type the body is a string already.
 */
export function successResult(
  status: number,
  body: unknown,
  contentType: string,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyResult {
  // Without it, API Gateway would add `application/json`, which a cache may then store for its copy (RFC 9111 section
  // 3.2).
  const notModifiedHeaders = status === 304 ? { 'Content-Type': contentType } : {};
  if (body === undefined) return { statusCode: status, headers: { ...notModifiedHeaders, ...headers }, body: '' };
  return {
    statusCode: status,
    headers: { 'Content-Type': contentType, ...headers },
    body: contentType === 'application/json' ? JSON.stringify(body) : String(body),
  };
}

/** Builds the proxy result for a problem. */
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
