import path from 'node:path';
import type { Route, Routes } from '../../shared/http/route.ts';
import { functionNames } from '../../tools/build/bundle.ts';
import { loadContracts } from '../../tools/openapi/contracts.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { declarationFaults, readSampleEvents } from '../support/declarations.ts';

const root = path.resolve(import.meta.dirname, '../..');
const template = readTemplate(path.join(root, 'template.yaml'));
const sampleEvents = readSampleEvents(root);

describe('template.yaml, the contracts and the sample events', () => {
  it('say the same of every route', async () => {
    const contracts = await loadContracts(root);
    expect(declarationFaults({ contracts, template, sampleEvents })).toEqual([]);
  });

  const route: Route = {
    operationId: 'test',
    summary: 'A new route',
    auth: 'public',
    responses: { 200: null },
    problems: [],
  };

  it.each<[string, Routes, string]>([
    ['has no event', { 'GET /new': route }, 'GET /new has no event in template.yaml: add this to the function'],
    ['has no sample event', { 'GET /new': route }, 'events/courses/: GET /new has no sample event: add one'],
    [
      'is gone and its sample event is not',
      {},
      'events/courses/: the sample event of GET /courses has no route: remove it',
    ],
    ['is not in the contract any more', {}, 'CoursesFunction.ListCourses is in no contract: add its route to'],
    [
      'is not cached any more',
      { 'GET /courses': route },
      'the cached seconds of GET /courses are 60, the contract says null',
    ],
    [
      'has a parameter that is no cache key',
      { 'GET /courses': { ...route, cache: { ttlSeconds: 60 }, query: { page: { type: 'string' } } } },
      'the cache keys of GET /courses are',
    ],
    [
      'needs the authorizer',
      { 'GET /courses': { ...route, auth: 'gateway' } },
      'the authorizer of GET /courses are false',
    ],
    [
      'is cached for its principal',
      { 'GET /courses': { ...route, auth: 'learner', cache: { ttlSeconds: 60 } } },
      "GET /courses is cached and depends on its principal: make it `auth: 'gateway'`",
    ],
  ])('are told apart when a route %s, with what to do', (_, routes, message) => {
    const contracts = new Map([['courses', { routes }]]);
    expect(declarationFaults({ contracts, template, sampleEvents })).toEqual(
      expect.arrayContaining([expect.stringContaining(message)]),
    );
  });

  it('keep what the authorizer decides by token and path: by the token alone, one course would open all', () => {
    expect(template.authorizers).toMatchObject([
      {
        functionName: 'authorizer',
        identitySources: [
          { in: 'header', name: 'Authorization' },
          { in: 'context', name: 'path' },
        ],
      },
    ]);
  });

  it('have a handler for every contract, with a function for every route', async () => {
    for (const name of await functionNames(root)) {
      const module = (await import(`../../functions/${name}/handler.ts`)) as { readonly handler: unknown };
      expect(module.handler).toBeInstanceOf(Function);
    }
  });

  it.each(Object.entries(template.gatewayResponses))('answer %s as a problem', (_, response) => {
    const body = JSON.parse(response.templates['application/json'] ?? '') as Record<string, unknown>;
    expect(body).toMatchObject({
      status: response.statusCode,
      requestId: '$context.requestId',
      detail: expect.any(String),
    });
    expect(body['type']).toBe(`urn:lectern:problem:${String(body['code'])}`);
    expect(response.headers).toMatchObject({
      'Content-Type': "'application/problem+json'",
      'X-Request-Id': 'context.requestId',
    });
  });
});
