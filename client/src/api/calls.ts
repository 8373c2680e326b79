import type { Answer } from '../platform/http.ts';
import type { Problem, paths } from './schema.ts';

/* The types of calls, from the types of the API document. */

/** The routes that apps call. The feed itself is for podcast apps. */
type Routes = Omit<paths, `/feeds/${string}`>;

/** The paths that have a route with that method. */
type PathsWith<Method extends string> = {
  [Path in keyof Routes]: Routes[Path] extends Readonly<Record<Method, object>> ? Path : never;
}[keyof Routes];

type Operation<Path extends keyof Routes, Method extends string> = Method extends keyof Routes[Path]
  ? Routes[Path][Method]
  : never;

/** The path and query parameters of an operation, without the kinds that it has none of. */
type Params<Op> = Op extends { readonly parameters: infer Parameters }
  ? {
      [Kind in keyof Parameters as Kind extends 'path' | 'query'
        ? [Parameters[Kind]] extends [undefined]
          ? never
          : Kind
        : never]: Parameters[Kind];
    }
  : object;

type Body<Op> = Op extends { readonly requestBody: { readonly content: { readonly 'application/json': infer Body } } }
  ? { readonly body: Body }
  : object;

/** What a call takes: parameters and body of the route, and a signal that aborts it. */
export type Init<Op> = { readonly signal?: AbortSignal } & Body<Op> &
  (Record<never, never> extends Params<Op> ? { readonly params?: Params<Op> } : { readonly params: Params<Op> });

/** The body of the success. Undefined if it has none. */
export type Data<Op> = Op extends { readonly responses: infer Responses }
  ? {
      [Status in keyof Responses & (200 | 201 | 202 | 204)]: Responses[Status] extends {
        readonly content: { readonly 'application/json': infer Body };
      }
        ? Body
        : undefined;
    }[keyof Responses & (200 | 201 | 202 | 204)]
  : never;

/** A success or the server's problem. */
export type Result<T> =
  | { readonly data: T; readonly error?: undefined; readonly response: Answer }
  | { readonly data?: undefined; readonly error: Problem; readonly response: Answer };

type Call<Method extends string> = <Path extends PathsWith<Method>>(
  path: Path,
  ...init: Record<never, never> extends Init<Operation<Path, Method>>
    ? [init?: Init<Operation<Path, Method>>]
    : [init: Init<Operation<Path, Method>>]
) => Promise<Result<Data<Operation<Path, Method>>>>;

/** A function for each method of HTTP, which takes the path of a route as the API document writes it. */
export interface Api {
  readonly GET: Call<'get'>;
  readonly POST: Call<'post'>;
  readonly PUT: Call<'put'>;
  readonly PATCH: Call<'patch'>;
  readonly DELETE: Call<'delete'>;
}
