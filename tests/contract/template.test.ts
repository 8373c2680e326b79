import path from 'node:path';
import type { Route, Routes } from '../../shared/http/route.ts';
import { BUNDLE_BUDGETS } from '../../tools/build/budgets.ts';
import { functionNames } from '../../tools/build/bundle.ts';
import { loadContracts } from '../../tools/openapi/contracts.ts';
import type { ApiModel } from '../../tools/template/model.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { parseTemplate } from '../../tools/template/yaml.ts';
import { declarationProblems, maxAgeProblems } from '../support/contract/declarations.ts';
import { baseOf, functionResourceProblems } from '../support/contract/function-resources.ts';
import { isDeploymentHook, sharedMonitoringProblems, WATCHERS } from '../support/contract/monitoring.ts';
import { expectNoProblems } from '../support/contract/no-problems.ts';
import { type Resources, readStack } from '../support/contract/resources.ts';
import { readSampleEvents, type SampleEvent } from '../support/contract/sample-events.ts';

const root = path.resolve(import.meta.dirname, '../..');
const templateFile = path.join(root, 'template.yaml');
let readModel: ApiModel | undefined;
/** Read when a test needs it: if it cannot be read, the test of resources still says what to add. */
function template(): ApiModel {
  readModel ??= readTemplate(templateFile);
  return readModel;
}
const sampleEvents = readSampleEvents(root);
const { Resources: resources } = readStack('template.yaml');

describe('a function', () => {
  it('has its resource in template.yaml, with variables, log group, alarms and deployment preference, and a budget', async () => {
    const contracts = await loadContracts(root);
    const names = await functionNames(root);
    const problems = names.flatMap((name) =>
      functionResourceProblems(name, contracts.get(name)?.routes ?? {}, resources),
    );
    const unbudgeted = names
      .filter((name) => !(name in BUNDLE_BUDGETS))
      .map(
        (name) =>
          `tools/build/budgets.ts has no budget for ${name}: run npx jest tests/contract/budgets to see its size`,
      );
    expectNoProblems([...problems, ...unbudgeted]);
  });

  it('is named wherever the template is about all functions: the release check, throttles, queries and dashboard', () => {
    const bases = Object.entries(resources)
      .filter(([id, { Type }]) => Type === 'AWS::Serverless::Function' && !isDeploymentHook(id, resources))
      .map(([id]) => baseOf(id));
    expect(bases.length).toBeGreaterThan(5);
    expectNoProblems(sharedMonitoringProblems(bases, resources));
    expect(sharedMonitoringProblems(['Notes'], resources)).toHaveLength(5);
  });

  const routes: Routes = {
    'POST /notes': {
      operationId: 'addNote',
      summary: 'A note',
      auth: 'learner',
      responses: { 204: null },
      problems: [],
    },
  };

  it('that is missing is printed whole, and what is printed passes', () => {
    const [message = ''] = functionResourceProblems('notes', routes, {});
    const [instruction, ...yaml] = message.split('\n');
    expect(instruction).toBe('template.yaml has no function for functions/notes: add this under Resources');
    const pasted = parseTemplate(`Resources:\n${yaml.join('\n')}`) as { readonly Resources: Resources };
    expect(Object.keys(pasted.Resources)).toEqual([
      'NotesFunction',
      'NotesLog',
      ...WATCHERS.map((watcher) => `Notes${watcher}`),
    ]);
    expect(functionResourceProblems('notes', routes, pasted.Resources)).toEqual([]);
    expect(pasted.Resources['NotesFunction']?.Properties).toMatchObject({
      Environment: {
        Variables: {
          ACCESS_TOKEN_PUBLIC_KEYS_PARAMETER: { 'Fn::Sub': expect.stringMatching(/\/access-token-public-keys$/) },
        },
      },
      Events: { AddNote: { Properties: { Path: '/notes', Method: 'POST' } } },
    });
  });

  it.each<[string, string, string]>([
    ['a log group', 'ProgressLog', 'ProgressFunction has no log group'],
    ['an alarm', 'ProgressReleaseFailures', 'ProgressFunction has no ReleaseFailures like Courses'],
    ['a filter of its log', 'ProgressLoggedFailures', 'ProgressFunction has no LoggedFailures like Courses'],
  ])('without %s is told what to add', async (_, removed, message) => {
    const { [removed]: added, ...others } = resources;
    const contracts = await loadContracts(root);
    const problems = functionResourceProblems('progress', contracts.get('progress')?.routes ?? {}, others);
    expect(problems).toEqual([expect.stringContaining(message)]);
    const yaml = problems.join().split('\n').slice(1).join('\n');
    expect(parseTemplate(`Resources:\n${yaml}`)).toMatchObject({ Resources: { [removed]: { Type: added?.Type } } });
  });

  it.each<[string, object]>([
    ['names the alarm of another function', { Alarms: [{ Ref: 'CoursesReleaseFailures' }] }],
    ['names also the alarm about all its versions', { Alarms: ['ProgressReleaseFailures', 'ProgressFailures'] }],
    ['names no alarm', { Alarms: [] }],
    ['has no check before the traffic', { Hooks: {} }],
  ])('is told to name its own alarm and check when its deployment preference %s', (_, changes) => {
    const { Type = '', Properties = {} } = resources['ProgressFunction'] ?? {};
    const DeploymentPreference = { ...(Properties['DeploymentPreference'] as object), ...changes };
    const changed = { ...resources, ProgressFunction: { Type, Properties: { ...Properties, DeploymentPreference } } };
    expect(functionResourceProblems('progress', {}, changed)).toEqual([
      expect.stringContaining('ProgressFunction has no deployment preference with an alarm and a check of its own'),
    ]);
  });

  it('is told when its alarm differs from those of other functions', () => {
    const { Type = '', Properties = {} } = resources['ProgressFailures'] ?? {};
    const changed = { ...resources, ProgressFailures: { Type, Properties: { ...Properties, Threshold: 50 } } };
    expect(functionResourceProblems('progress', {}, changed)).toEqual([
      expect.stringContaining('ProgressFunction has no Failures like Courses'),
    ]);
  });

  it('without a variable that its routes need is told which', () => {
    const [, { Properties }] = Object.entries(resources).find(([id]) => id === 'ProgressFunction') as [
      string,
      Resources[string],
    ];
    const bare = {
      ...resources,
      ProgressFunction: { Type: 'AWS::Serverless::Function', Properties: { ...Properties, Environment: {} } },
    };
    expect(functionResourceProblems('progress', routes, bare)).toContain(
      'template.yaml: ProgressFunction lacks the variable TOKEN_AUDIENCE, which its routes need: add it to Environment',
    );
  });
});

describe('template.yaml, the contracts and the sample events', () => {
  it('say the same of every route', async () => {
    const contracts = await loadContracts(root);
    expectNoProblems(declarationProblems({ contracts, template: template(), sampleEvents }));
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
    expect(declarationProblems({ contracts, template: template(), sampleEvents })).toEqual(
      expect.arrayContaining([expect.stringContaining(message)]),
    );
  });

  it.each(['0', '60', '300'])('let clients cache an answer for as long as API Gateway: %s s', async (seconds) => {
    const contracts = await loadContracts(root);
    const deployed = readTemplate(templateFile, { parameters: { CourseCacheTtlSeconds: seconds } });
    expectNoProblems(maxAgeProblems({ contracts, template: deployed }));
  });

  it('are told apart when clients cache an answer for another time, with what to do', () => {
    const contracts = new Map([['auth', { routes: { 'GET /courses': { ...route, cache: { ttlSeconds: 30 } } } }]]);
    expect(maxAgeProblems({ contracts, template: template() })).toEqual([
      expect.stringContaining('the max-age of GET /courses is 30, and its cached seconds are 60'),
    ]);
  });

  it('do not repeat the events of a function that is missing, and leave its caching to the test of functions', () => {
    const contracts = new Map([['notes', { routes: { 'GET /notes': { ...route, cache: { ttlSeconds: 30 } } } }]]);
    const problems = declarationProblems({ contracts, template: { ...template(), routes: [] }, sampleEvents: [] });
    expect(problems).toEqual([expect.stringContaining('events/notes/: GET /notes has no sample event: add one')]);
    expect(maxAgeProblems({ contracts, template: template() })).toEqual([]);
  });

  const taking: Route = {
    ...route,
    path: { noteId: { type: 'string' } },
    body: {
      type: 'object',
      properties: { text: { type: 'string', maxLength: 5 } },
      required: ['text'],
      additionalProperties: false,
      examples: [{ text: 'Hello' }],
    },
  };

  it.each<[string, Partial<SampleEvent>, Route, string]>([
    ['has another path', { path: '/notes/2' }, taking, 'its path is /notes/2, which does not fit'],
    ['lacks a path parameter', { pathParameters: null }, taking, 'they make /notes/{noteId}'],
    ['has no body', { body: null }, taking, 'PUT /notes/{noteId} has a body in functions/notes/contract.ts'],
    ['has an invalid body', { body: '{"text":"Hello!"}' }, taking, '/text must NOT have more than 5 characters'],
    ['has an incomplete body', { body: '{}' }, taking, "must have required property 'text'"],
    ['has a body that the contract lacks', {}, { ...route, path: { noteId: true } }, 'add `body`, its schema'],
  ])('are told apart when a sample event %s, with what to do', (_, change, noted, message) => {
    const event = {
      file: 'events/notes/put.json',
      functionName: 'notes',
      key: 'PUT /notes/{noteId}',
      path: '/notes/1',
      pathParameters: { noteId: '1' },
      body: '{"text":"<text to keep>"}',
    };
    const contracts = new Map([['notes', { routes: { 'PUT /notes/{noteId}': noted } }]]);
    const problemsOf = (sample: SampleEvent) =>
      declarationProblems({ contracts, template: { ...template(), routes: [] }, sampleEvents: [sample] });
    expect(problemsOf({ ...event, ...change })).toEqual([expect.stringContaining(message)]);
    if (noted === taking) expect(problemsOf(event)).toEqual([]);
  });

  it('keep what the authorizer decides by token and path: by the token alone, one course would open all', () => {
    expect(template().authorizers).toMatchObject([
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

  const { GatewayResponses } = resources['Api']?.Properties ?? {};
  it.each(Object.keys(GatewayResponses as object))('answer %s as a problem', (name) => {
    const response = Object.entries(template().gatewayResponses).find(([type]) => type === name)?.[1];
    if (response === undefined) throw new Error(`${name} is not read from the template`);
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
