import type { JSONSchema } from './json-schema.ts';
import type { ProblemCode } from './problem.ts';
import type { Check } from './validation.ts';

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A route as API Gateway names it: method and resource path, such as `GET /courses/{courseId}`. */
export type RouteKey = `${Method} /${string}`;

/**
 * Who may call a route. There is no default: a route that names nobody does not type-check.
 * `public` is anyone; `gateway` is whoever the API's authorizer let through, so that the cached answer can be the same
 * for all of them; the others carry a bearer token whose `roles` include the one named.
 */
export type Auth = 'public' | 'learner' | 'author' | 'admin' | 'gateway';

type Schemas = Readonly<Record<string, JSONSchema>>;

/** One route: plain data, from which the types, the validators, the API document and the template's test follow. */
export interface Route {
  /** What clients generated from the API document call the route. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly auth: Auth;
  /**
   * The route acts on the access token alone and does not confirm the caller: after an account is erased, its tokens still
   * work here for up to 15 minutes. Only for routes that store nothing about the caller.
   */
  readonly tokenOnly?: true;
  /** The answer is kept by API Gateway for this long; it then may depend on path and query alone. */
  readonly cache?: { readonly ttlSeconds: number };
  readonly path?: Schemas;
  /** Query parameters are optional; a schema's `default` stands in for one that is not given. */
  readonly query?: Schemas;
  /** Request headers that matter, by name in lower case; all are optional. Others are not seen by the route function. */
  readonly headers?: Schemas;
  readonly body?: JSONSchema;
  /**
   * The list in the body whose items are checked one by one: a bad item is no fault of the request, and the route
   * function is told which ones are.
   */
  readonly itemsOf?: string;
  /** Success statuses with the schema of their body, `null` where there is none. */
  readonly responses: Readonly<Record<number, JSONSchema | null>>;
  /** The media type of a success that is no JSON: its schema is that of a text, which is sent as it is. */
  readonly produces?: string;
  /** What can go wrong here beyond what follows from the rest, such as an invalid body where there is one. */
  readonly problems: readonly ProblemCode[];
}

export type Routes = Readonly<Record<RouteKey, Route>>;

/** The parts of a request that have a schema, each with its check. */
export interface Validators {
  readonly path?: Check;
  readonly query?: Check;
  readonly headers?: Check;
  readonly body?: Check;
  /** Of one item of the list that the route's `itemsOf` names. */
  readonly item?: Check;
}

/** What is needed of a route at run time: all that the bundle of a function holds of its contract. */
export interface RuntimeRoute {
  readonly auth: Auth;
  /** `null` where the answer is not cached. */
  readonly cacheSeconds: number | null;
  /** The status of a success, unless the route function says another. */
  readonly status: number;
  readonly queryNames: readonly string[];
  readonly headerNames: readonly string[];
  /** The media type of a success with a body. */
  readonly contentType: string;
  /** The list in the body whose items are checked one by one. */
  readonly itemsOf: string | null;
}
