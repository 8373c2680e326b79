import type { Contract } from '../../shared/http/contract.ts';
import type { JSONSchema } from '../../shared/http/json-schema.ts';
import { PROBLEMS, type ProblemCode, problem, problemBody } from '../../shared/http/problem.ts';
import type { Route, Routes } from '../../shared/http/route.ts';
import { violation } from '../../shared/schemas/item-problem.ts';
import { Components } from './components.ts';
import { exampleOf } from './example.ts';

const REQUEST_ID = '3f0f7a52-6a3e-4c0e-9d3f-2a1f6c1d7b90';

const problemSchema = {
  title: 'Problem',
  description: 'An error in the form of RFC 9457. Programs use `code`; docs/problems.md explains each.',
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(PROBLEMS) as ProblemCode[] },
    requestId: { type: 'string' },
    errors: { type: 'array', items: violation },
    final: {
      type: 'boolean',
      description: 'In a rejection of an event: false if the same event may be accepted later.',
    },
  },
  required: ['type', 'title', 'status', 'code', 'requestId'],
  examples: [problemBody(problem('not-found', { detail: 'There is no such course.' }), REQUEST_ID)],
} as const satisfies JSONSchema;

/** Builds the OpenAPI 3.1 document of all functions from their contracts. */
export function openApiDocument(contracts: ReadonlyMap<string, Contract>, version: string): object {
  const components = new Components();
  const paths: Record<string, Record<string, object>> = {};

  for (const [functionName, { routes }] of contracts) {
    for (const [key, route] of Object.entries<Route>(routes as Routes)) {
      const [method = '', path = ''] = key.split(' ');
      paths[path] ??= {};
      paths[path][method.toLowerCase()] = operation({ functionName, key, route }, components);
    }
  }

  const usesToken = [...contracts.values()].some(({ routes }) =>
    Object.values<Route>(routes as Routes).some((route) => route.auth !== 'public'),
  );

  return {
    openapi: '3.1.0',
    info: {
      title: 'Lectern',
      version,
      summary: 'Courses made of text, podcasts and videos, for mobile and web apps.',
      description:
        'Times are RFC 3339 in UTC. Durations and positions are in seconds. Languages are BCP 47 tags. After a 503, a 504 or no answer, the request may or may not have been carried out: send it again. docs/problems.md tells what makes that safe.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      { url: 'http://127.0.0.1:3000/v1', description: 'A developer’s machine: npm start' },
      {
        url: 'https://{api}.execute-api.{region}.amazonaws.com/v1',
        description: 'A deployment in AWS',
        variables: { api: { default: 'api' }, region: { default: 'eu-west-1' } },
      },
    ],
    tags: [...contracts.keys()].map((name) => ({ name, description: `Served by the ${name} function.` })),
    paths,
    components: {
      // Only if a route uses it: the linter refuses an unused scheme.
      ...(usesToken && { securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } }),
      headers: {
        'X-Request-Id': {
          description:
            'Identifies the request in the logs. A cached answer has the id of the request that filled the cache.',
          schema: { type: 'string' },
        },
        'Retry-After': {
          description: 'Seconds to wait before repeating the request.',
          schema: { type: 'integer' },
        },
      },
      ...components.all(),
    },
  };
}

/** A route and where it is declared. */
interface DeclaredRoute {
  readonly functionName: string;
  readonly key: string;
  readonly route: Route;
}

function operation(declared: DeclaredRoute, components: Components): object {
  const { functionName, route } = declared;
  const { operationId, summary, description, auth, cache, body } = route;
  return {
    operationId,
    tags: [functionName],
    summary,
    ...describe([
      description,
      cache && `Cached for ${cache.ttlSeconds} s by default, by the server and then by clients.`,
    ]),
    security: auth === 'public' ? [] : [{ accessToken: [] }],
    parameters: [
      ...parameters('path', route.path, components),
      ...parameters('query', route.query, components),
      ...parameters('header', route.headers, components),
    ],
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { 'application/json': contentOf(body, placeOf(declared, 'the body'), components) },
      },
    }),
    responses: { ...successes(declared, components), ...problems(route, components) },
  };
}

function describe(parts: readonly (string | undefined)[]): { readonly description?: string } {
  const description = parts.filter((part) => part !== undefined).join(' ');
  return description === '' ? {} : { description };
}

function parameters(place: 'path' | 'query' | 'header', schemas: Route['path'], components: Components): object[] {
  return Object.entries(schemas ?? {}).map(([name, schema]) => {
    const { description, title, ...rest } = schema as { readonly description?: string; readonly title?: string };
    // The title of an enumeration names its type. Others name the parameter, which is shared whole.
    const isEnumeration = 'enum' in rest;
    const parameter = {
      name,
      in: place,
      required: place === 'path',
      ...(description !== undefined && { description }),
      schema: components.schema(isEnumeration ? { title, ...rest } : rest),
    };
    // Path parameters of one name mean the same everywhere. Others are shared if they have a title.
    const shared = isEnumeration ? undefined : (title ?? (place === 'path' ? pascalCase(name) : undefined));
    return shared === undefined ? parameter : components.share('parameters', shared, parameter);
  });
}

/**
 * A schema that has an example, or parts that have one: readers of the document compose them.
 * @throws Error if a part has none
 */
function contentOf(schema: JSONSchema, place: string, components: Components): object {
  exampleOf(schema, place);
  return { schema: components.schema(schema) };
}

function placeOf({ functionName, key }: DeclaredRoute, part: string): string {
  return `functions/${functionName}/contract.ts: ${part} of ${key}`;
}

/** Names and describes an answer without a body. */
function bodiless(status: string): { readonly name: string; readonly description: string } {
  switch (status) {
    case '302':
      return { name: 'Found', description: 'The header `Location` has the current address.' };
    case '304':
      return { name: 'NotModified', description: 'The client has the current version already.' };
    default:
      return { name: 'Done', description: 'Done.' };
  }
}

function successes(declared: DeclaredRoute, components: Components): Record<string, object> {
  const { responses, produces = 'application/json' } = declared.route;
  const headers = { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } };
  // Only the media type: a charset belongs to the response.
  const mediaType = produces.split(';')[0] ?? produces;
  return Object.fromEntries(
    Object.entries(responses).map(([status, schema]) => {
      if (schema === null) {
        const { name, description } = bodiless(status);
        return [status, components.share('responses', name, { description, headers })];
      }
      const title = titleOf(schema);
      const content = { [mediaType]: contentOf(schema, placeOf(declared, `the answer ${status}`), components) };
      const response = { description: title ?? 'Done.', headers, content };
      return [status, title === undefined ? response : components.share('responses', title, response)];
    }),
  );
}

/** Groups problems by status, as OpenAPI requires, with an example for each code. */
function problems(route: Route, components: Components): Record<string, object> {
  const codes = [...new Set([...route.problems, ...impliedProblems(route)])];
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code].status))];
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      problemResponse(
        status,
        codes.filter((code) => PROBLEMS[code].status === status),
        components,
      ),
    ]),
  );
}

function problemResponse(status: number, codes: readonly ProblemCode[], components: Components): object {
  return components.share('responses', codes.map(pascalCase).join('Or'), {
    description: codes.map((code) => PROBLEMS[code].title).join('; '),
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
      ...((status === 429 || status >= 503) && { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }),
    },
    content: {
      'application/problem+json': {
        schema: components.schema(problemSchema),
        examples: Object.fromEntries(codes.map((code) => [code, { value: problemBody(problem(code), REQUEST_ID) }])),
      },
    },
  });
}

/** Writes `not-found` as `NotFound`, and `courseId` as `CourseId`. */
function pascalCase(name: string): string {
  return name.replace(/(^|-)(\w)/g, (_, _hyphen, letter: string) => letter.toUpperCase());
}

function titleOf(schema: JSONSchema): string | undefined {
  return (schema as { readonly title?: string }).title;
}

/**
 * API Gateway has one answer to everything that is wrong with a token, a missing one included. Functions distinguish
 * more.
 */
const AUTH_PROBLEMS = {
  public: [],
  gateway: ['invalid-token', 'forbidden'],
  token: ['missing-token', 'invalid-token', 'token-expired', 'forbidden'],
} as const satisfies Record<string, readonly ProblemCode[]>;

/** The problems that any route of this form can answer, from createHandler or API Gateway. */
function impliedProblems(route: Route): ProblemCode[] {
  return [
    ...(route.path || route.query || route.body ? (['invalid-request'] as const) : []),
    ...(route.body ? (['invalid-json', 'payload-too-large', 'unsupported-media-type'] as const) : []),
    ...AUTH_PROBLEMS[route.auth === 'public' || route.auth === 'gateway' ? route.auth : 'token'],
    'too-many-requests',
    'internal-error',
    'bad-gateway',
    'unavailable',
    'gateway-timeout',
  ];
}
