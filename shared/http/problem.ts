/**
 * Every problem that clients can get, by code. docs/problems.md documents each under the same name, which a test
 * checks. Statuses and titles follow RFC 9110, the form follows RFC 9457.
 */
export const PROBLEMS = {
  'invalid-json': { status: 400, title: 'Invalid JSON' },
  'invalid-request': { status: 400, title: 'Invalid request' },
  'missing-token': { status: 401, title: 'Missing token' },
  'invalid-token': { status: 401, title: 'Invalid token' },
  'token-expired': { status: 401, title: 'Token expired' },
  'invalid-credentials': { status: 401, title: 'Invalid credentials' },
  forbidden: { status: 403, title: 'Forbidden' },
  'not-found': { status: 404, title: 'Not found' },
  'email-taken': { status: 409, title: 'E-mail taken' },
  conflict: { status: 409, title: 'Conflict' },
  'stale-revision': { status: 412, title: 'Stale revision' },
  'payload-too-large': { status: 413, title: 'Payload too large' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'internal-error': { status: 500, title: 'Internal error' },
  'bad-gateway': { status: 502, title: 'Bad gateway' },
  unavailable: { status: 503, title: 'Unavailable', headers: { 'Retry-After': '2' } },
  'gateway-timeout': { status: 504, title: 'Gateway timeout' },
} as const satisfies Readonly<Record<string, ProblemKind>>;

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** Sent with every problem of this code. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type ProblemCode = keyof typeof PROBLEMS;

/** One error in a request: the part of the request, a JSON Pointer (RFC 6901) into it, and what is wrong. */
export interface Violation {
  readonly in: 'body' | 'query' | 'path' | 'header';
  readonly pointer: string;
  readonly message: string;
}

export interface ProblemOptions {
  /** Sent to the client, so it must not contain internals: no driver messages, paths or secrets. */
  readonly detail?: string;
  readonly errors?: readonly Violation[];
  /** Whether the same request can never succeed. Only for problems whose code alone does not say so. */
  readonly final?: boolean;
  /** More response headers, such as `Retry-After` or `WWW-Authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The underlying error. Logged, never sent. */
  readonly cause?: unknown;
}

/** A failure to tell the client about. Thrown where the fact is known; only `createHandler` turns it into an answer. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(options.detail ?? PROBLEMS[code].title, { cause: options.cause });
    this.code = code;
    this.options = options;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  get headers(): Readonly<Record<string, string>> {
    const kind: ProblemKind = PROBLEMS[this.code];
    return { ...kind.headers, ...this.options.headers };
  }
}

/** Creates a {@link Problem}: `throw problem('not-found')`. */
export function problem(code: ProblemCode, options?: ProblemOptions): Problem {
  return new Problem(code, options);
}

/** Creates the problem for a value in the body that no schema can check. */
export function invalidBody(pointer: `/${string}`, message: string): Problem {
  return problem('invalid-request', {
    detail: 'The body of the request is not valid.',
    errors: [{ in: 'body', pointer, message }],
  });
}

/** Converts any failure to what the client gets: a problem as it is, anything else as `internal-error`. */
export function asProblem(error: unknown): Problem {
  return error instanceof Problem ? error : problem('internal-error', { cause: error });
}

/** Returns the code of a failure of our own (status 500 and up), or null for anything else. */
export function failureCode(error: unknown): ProblemCode | null {
  const { status, code } = asProblem(error);
  return status >= 500 ? code : null;
}

/** The description of a problem, alone or for one of many items. */
interface ProblemDescription {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly errors?: Violation[];
}

/** Describes a problem in the form of RFC 9457 section 3, as part of an answer. */
export function problemDescription({ code, message, options: { errors } }: Problem): ProblemDescription {
  const { title, status } = PROBLEMS[code];
  return {
    type: `urn:lectern:problem:${code}`,
    title,
    status,
    detail: message,
    code,
    ...(errors !== undefined && { errors: [...errors] }),
  };
}

/** Builds the `application/problem+json` body of a problem (RFC 9457 section 3). */
export function problemBody(failure: Problem, requestId: string): Readonly<Record<string, unknown>> {
  const { title, status } = PROBLEMS[failure.code];
  const { detail, errors, final } = failure.options;
  return {
    type: `urn:lectern:problem:${failure.code}`,
    title,
    status,
    ...(detail !== undefined && { detail }),
    code: failure.code,
    requestId,
    ...(errors !== undefined && { errors }),
    // An extension member (RFC 9457 section 3.2).
    ...(final !== undefined && { final }),
  };
}
