import type { RouteModel } from '../../../tools/template/model.ts';
import type { Query } from '../request/query.ts';
import { type GatewayRequest, headerOf } from '../request/request.ts';
import type { Match } from '../request/routing.ts';
import type { Answer } from '../response/answer.ts';
import type { StageCache } from './stage-cache.ts';

/** The slot of one request in the stage cache. */
export interface CacheSlot {
  find(): Answer | null;
  store(answer: Answer): void;
}

/** Null if the route, or the whole stage, is not cached. */
export function cacheSlot(
  cache: StageCache | null,
  route: RouteModel,
  request: GatewayRequest,
  match: Match,
  query: Query,
): CacheSlot | null {
  if (cache === null || route.cache === null) return null;
  const { ttlSeconds } = route.cache;
  const key = cacheKey(route, request, match, query);
  const { generation } = cache;
  return {
    find: () => cache.find(key),
    store(answer) {
      if (cache.generation === generation) cache.store(key, answer, ttlSeconds);
    },
  };
}

/**
 * Builds the cache key: the route and the values of exactly its declared cache keys. Nothing else of the request
 * counts, not even an undeclared path parameter ("Use method or integration parameters as cache keys to index cached
 * responses").
 */
function cacheKey(route: RouteModel, request: GatewayRequest, match: Match, query: Query): string {
  const values = route.requestParameters
    .filter((parameter) => parameter.cacheKey)
    .map(({ in: place, name }) => {
      if (place === 'path') return match.pathParameters[name] ?? null;
      if (place === 'header') return headerOf(request, name) ?? null;
      return query.get(name)?.at(-1) ?? null;
    });
  return JSON.stringify([route.method, route.path, ...values]);
}
