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

/** The proxy result for JSON data, or for nothing. */
export function jsonResult(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyResult {
  return body === undefined
    ? { statusCode: status, headers: { ...headers }, body: '' }
    : { statusCode: status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) };
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
