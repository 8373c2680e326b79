import type { Route, RouteKey, Routes } from '../../../shared/http/route.ts';
import type { ApiModel, FunctionModel, RouteModel } from '../../../tools/template/model.ts';
import { type SampleEvent, sampleEventProblems } from './sample-events.ts';

/** What to compare: the routes of each function, the template, and the sample events. */
export interface Declarations {
  readonly contracts: ReadonlyMap<string, { readonly routes: Routes }>;
  readonly template: ApiModel;
  readonly sampleEvents: readonly SampleEvent[];
}

/** Finds where contracts, template and sample events differ. Each problem is a sentence that says what to do. */
export function declarationProblems({ contracts, template, sampleEvents }: Declarations): string[] {
  const found: string[] = [];
  const declared = new Set<string>();
  for (const [functionName, { routes }] of contracts) {
    for (const [key, route] of Object.entries(routes) as [RouteKey, Route][]) {
      declared.add(key);
      found.push(...routeProblems(functionName, key, route, template));
      const samples = sampleEvents.filter((event) => event.functionName === functionName && event.key === key);
      found.push(...samples.flatMap((event) => sampleEventProblems(event, route)));
      if (samples.length === 0) {
        found.push(
          `events/${functionName}/: ${key} has no sample event: add one (copy a file of events/progress/ and change httpMethod, resource, path, pathParameters and body)`,
        );
      }
    }
  }
  const leftOver = sampleEvents.filter(({ key }) => !declared.has(key as RouteKey));
  found.push(
    ...leftOver.map(
      ({ functionName, key }) => `events/${functionName}/: the sample event of ${key} has no route: remove it`,
    ),
  );
  const extra = template.routes.filter(({ method, path: resource }) => !declared.has(`${method} ${resource}`));
  found.push(
    ...extra.map(
      ({ functionId, eventName, functionName }) =>
        `template.yaml: the event ${functionId}.${eventName} is in no contract: add its route to functions/${functionName}/contract.ts, or remove it`,
    ),
  );
  return found;
}

function routeProblems(functionName: string, key: RouteKey, route: Route, template: ApiModel): string[] {
  const [method, resource] = key.split(' ');
  const event = template.routes.find((candidate) => candidate.method === method && candidate.path === resource);
  const contract = `functions/${functionName}/contract.ts`;
  // The attack on every route needs them: only what is attacked may be wrong with a request.
  const takesToken = route.auth !== 'public' && route.auth !== 'gateway';
  const inputs = [...(takesToken ? Object.entries(route.path ?? {}) : []), ['the body', route.body ?? true] as const];
  const withoutExample = inputs
    .filter(([, schema]) => typeof schema === 'object' && schema.examples === undefined)
    .map(([input]) => `${contract}: ${input} of ${key} has no example: add \`examples\`, which tests send`);
  if (withoutExample.length > 0) return withoutExample;
  // A missing function is printed with its events (function-resources.ts).
  if (event === undefined && resourceOf(functionName, template) === undefined) return [];
  if (event === undefined) {
    return [
      `${contract}: ${key} has no event in template.yaml: add this to the function whose CodeUri is .build/functions/${functionName}/\nEvents:\n  ${yamlOfEvent(key, route).replaceAll('\n', '\n  ')}${yamlOfCaching({ [key]: route })}`,
    ];
  }
  return [
    event.functionName === functionName ||
      `template.yaml: ${key} belongs to the function ${event.functionName}, but its contract is in ${contract}: move one`,
    same(
      'the cached seconds',
      key,
      route.cache?.ttlSeconds ?? null,
      event.cache?.ttlSeconds ?? null,
      'MethodSettings of Api',
    ),
    same('the cache keys', key, cacheKeys(route), cacheKeysOf(event), 'RequestParameters of its event'),
    same('the authorizer', key, route.auth === 'gateway', event.authorizer !== null, 'Auth of its event'),
    // The stage cache must not store an answer that depends on the caller.
    route.cache === undefined ||
      route.auth === 'public' ||
      route.auth === 'gateway' ||
      `${contract}: ${key} is cached and depends on its principal: make it \`auth: 'gateway'\`, or remove \`cache\``,
  ].filter((problem) => typeof problem === 'string');
}

/** Finds cached routes that clients may cache for another time than API Gateway. Each problem is a sentence. */
export function maxAgeProblems({ contracts, template }: Omit<Declarations, 'sampleEvents'>): string[] {
  return [...contracts].flatMap(([functionName, { routes }]) => {
    const resource = resourceOf(functionName, template);
    if (resource === undefined) return [];
    const setting = resource.environment['CACHE_TTL_SECONDS'];
    return Object.entries<Route>(routes).flatMap(([key, { cache }]) => {
      if (cache === undefined) return [];
      const event = template.routes.find((candidate) => `${candidate.method} ${candidate.path}` === key);
      const [maxAge, ttl] = [Number(setting ?? cache.ttlSeconds), event?.cache?.ttlSeconds ?? 0];
      return maxAge === ttl
        ? []
        : `template.yaml: the max-age of ${key} is ${maxAge}, and its cached seconds are ${ttl}: set CACHE_TTL_SECONDS of ${functionName} to what MethodSettings of Api say`;
    });
  });
}

function resourceOf(functionName: string, { functions }: ApiModel): FunctionModel | undefined {
  return functions.find(({ name }) => name === functionName);
}

function same(what: string, key: RouteKey, contract: unknown, found: unknown, where: string): true | string {
  const [wanted, has] = [JSON.stringify(contract), JSON.stringify(found)];
  return wanted === has || `template.yaml: ${what} of ${key} are ${has}, the contract says ${wanted}: change ${where}`;
}

/** Writes the event of a route, to paste into the template. */
export function yamlOfEvent(key: string, route: Route): string {
  const [method = '', resource = ''] = key.split(' ');
  const event = [
    `${route.operationId.charAt(0).toUpperCase()}${route.operationId.slice(1)}:`,
    '  Type: Api',
    '  Properties:',
    '    RestApiId: !Ref Api',
    `    Path: ${resource}`,
    `    Method: ${method}`,
  ];
  if (route.cache === undefined) return event.join('\n');
  const parameters = cacheKeys(route).map(
    (name) => `      - method.request.${name}: { Required: ${name.startsWith('path.')}, Caching: true }`,
  );
  return [...event, '    RequestParameters:', ...parameters].join('\n');
}

/** Writes what the API needs to cache those of the routes that are cached. Empty if none is. */
export function yamlOfCaching(routes: Routes): string {
  const settings = Object.entries<Route>(routes).flatMap(([key, { cache }]) => {
    if (cache === undefined) return [];
    const [method, resource = ''] = key.split(' ');
    return [
      `  - HttpMethod: ${method}`,
      `    ResourcePath: /${resource.replaceAll('/', '~1')}`,
      '    CachingEnabled: true',
      '    CacheTtlInSeconds: !Ref CourseCacheTtlSeconds',
      '    CacheDataEncrypted: true',
      '    MetricsEnabled: true',
      '    ThrottlingRateLimit: !Ref StageRateLimit',
      '    ThrottlingBurstLimit: !Ref StageBurstLimit',
    ];
  });
  return settings.length === 0 ? '' : ['\nand this to MethodSettings of Api:', ...settings].join('\n');
}

/** Every input that may change the answer: all path and query parameters, since the function sees nothing else. */
function cacheKeys(route: Route): string[] {
  if (route.cache === undefined) return [];
  return [
    ...Object.keys(route.path ?? {}).map((name) => `path.${name}`),
    ...Object.keys(route.query ?? {}).map((name) => `querystring.${name}`),
  ].sort();
}

function cacheKeysOf(event: RouteModel): string[] {
  return event.requestParameters
    .filter(({ cacheKey }) => cacheKey)
    .map((parameter) => `${parameter.in}.${parameter.name}`)
    .sort();
}
