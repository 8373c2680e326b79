import type { JSONSchema } from './json-schema.ts';
import type { ProblemCode } from './problem.ts';
import type { Check } from './validation.ts';

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A route as API Gateway names it, by method and resource path: `GET /courses/{courseId}`. */
export type RouteKey = `${Method} /${string}`;

/**
 * Who may call a route. There is no default: a route without it does not type-check. `public` is everyone. `gateway` is
 * everyone whom the API's authorizer let through, so that all get the same cached answer. The others require a bearer
 * token whose `roles` include the one named.
 */
export type Auth = 'public' | 'learner' | 'author' | 'admin' | 'gateway';

type Schemas = Readonly<Record<string, JSONSchema>>;

/** A route as plain data. Types, validators, the API document and the template's test follow from it. */
export interface Route {
  /** The name of the route in clients that are generated from the API document. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly auth: Auth;
  /**
   * The route acts on the access token alone and does not confirm the caller: after an account is erased, its tokens
   * still work here for up to 15 minutes. Only for routes that store nothing about the caller.
   */
  readonly tokenOnly?: true;
  /**
   * How long API Gateway caches the answer by default, and then a client, whose `max-age` starts when it receives the
   * answer. A cached answer may depend only on path and query.
   */
  readonly cache?: { readonly ttlSeconds: number };
  readonly path?: Schemas;
  /** Query parameters, all optional. A schema's `default` replaces a missing one. */
  readonly query?: Schemas;
  /** Request headers that the route function sees, by lower-case name. All are optional. */
  readonly headers?: Schemas;
  readonly body?: JSONSchema;
  /**
   * The list in the body whose items are validated one by one. An invalid item does not fail the request: the route
   * function gets the result of each.
   */
  readonly itemsOf?: string;
  /** Success statuses with the schema of the body. `null` for an answer without one. */
  readonly responses: Readonly<Record<number, JSONSchema | null>>;
  /** The media type of a success that is not JSON. Its schema is that of a string, which is sent unchanged. */
  readonly produces?: string;
  /** Problems beyond those that follow from the rest of the contract, such as an invalid body if there is one. */
  readonly problems: readonly ProblemCode[];
}

export type Routes = Readonly<Record<RouteKey, Route>>;

/** The validators of the parts of a request that have a schema. */
export interface Validators {
  readonly path?: Check;
  readonly query?: Check;
  readonly headers?: Check;
  readonly body?: Check;
  /** The validator of one item of the list that `itemsOf` names. */
  readonly item?: Check;
}

/** What a route needs at run time. A function's bundle contains nothing else of its contract. */
export interface RuntimeRoute {
  readonly auth: Auth;
  /** The default. `null` if the answer is not cached. */
  readonly cacheSeconds: number | null;
  /** The status of a success, unless the route function sets another. */
  readonly status: number;
  readonly queryNames: readonly string[];
  readonly headerNames: readonly string[];
  /** The media type of a success with a body. */
  readonly contentType: string;
  /** The list in the body whose items are validated one by one. */
  readonly itemsOf: string | null;
}
