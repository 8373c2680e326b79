import { runtimeRoute, validatorsOf } from './compile.ts';
import type { JSONSchema, Static } from './json-schema.ts';
import type { Route, Routes, RuntimeRoute, Validators } from './route.ts';
import type { CheckedItem } from './validation.ts';

/** The routes of one function, as declared and for run time. */
export interface Contract<R extends Routes = Routes> {
  readonly routes: R;
  readonly runtime: Readonly<Record<string, RuntimeRoute & { readonly validators: Validators }>>;
}

type ParameterNames<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | ParameterNames<Rest> : never;

/** Requires `path` to name exactly the parameters in the route's key. */
type WithPathOf<Key, R> = [ParameterNames<Key>] extends [never]
  ? R & { readonly path?: never }
  : R & { readonly path: Readonly<Record<ParameterNames<Key>, JSONSchema>> };

type StaticRecord<S> = { readonly [K in keyof S]: Static<S[K]> };

type OptionalRecord<S> = { readonly [K in keyof S]?: Static<S[K]> };

type QueryInput<S> = {
  readonly [K in keyof S as S[K] extends { readonly default: unknown } ? K : never]: Static<S[K]>;
} & {
  readonly [K in keyof S as S[K] extends { readonly default: unknown } ? never : K]?: Static<S[K]>;
};

/** The body, in which the list named by `itemsOf` holds the validation result of each item. */
type BodyInput<R, Body> = R extends { readonly itemsOf: infer List extends string }
  ? { readonly [K in keyof Body]: K extends List ? readonly CheckedItem<ItemOf<Body[K]>>[] : Body[K] }
  : Body;

type ItemOf<List> = List extends readonly (infer Item)[] ? Item : never;

/** The validated input of a route: exactly what its schemas promise. */
export interface Input<R extends Route> {
  readonly path: R extends { readonly path: infer S } ? StaticRecord<S> : Readonly<Record<never, never>>;
  readonly query: R extends { readonly query: infer S } ? QueryInput<S> : Readonly<Record<never, never>>;
  readonly headers: R extends { readonly headers: infer S } ? OptionalRecord<S> : Readonly<Record<never, never>>;
  readonly body: R extends { readonly body: infer S } ? BodyInput<R, Static<S>> : undefined;
}

/** What a route may return: a value of one of its response schemas. */
export type Output<R extends Route> = {
  [Status in keyof R['responses']]: R['responses'][Status] extends null ? undefined : Static<R['responses'][Status]>;
}[keyof R['responses']];

/**
 * Declares the routes of one function.
 *
 * In tests and tools, loading a contract compiles its validators. A bundle contains none of this: the build replaces
 * `contract.ts` with {@link RuntimeRoute}s and validators that were compiled ahead of time
 * (tools/build/contract-plugin.ts). So a contract must be plain data, and functions must not read `contract.routes`.
 */
export function defineContract<const R extends Routes>(
  routes: R & { readonly [Key in keyof R]: WithPathOf<Key, Route> },
): Contract<R> {
  const runtime = Object.fromEntries(
    Object.entries<Route>(routes).map(([key, route]) => [
      key,
      { ...runtimeRoute(route), validators: validatorsOf(route) },
    ]),
  );
  return { routes, runtime };
}
