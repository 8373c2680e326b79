import path from 'node:path';
import { PROBES, type Probe } from '../../functions/release-check/probes.ts';
import type { Route, RouteKey, Routes } from '../../shared/http/route.ts';
import { functionNames } from '../../tools/build/bundle.ts';
import { loadContracts } from '../../tools/openapi/contracts.ts';
import { expectNoProblems } from '../support/contract/no-problems.ts';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * What sets one kind of route apart from another: who may call it, whether its failures are thrown, and whether it reads
 * a body. Routes of a kind take the same way through the handler.
 */
function kindOf(route: Route): string {
  const { auth, cache, body } = route;
  const who = auth === 'public' || auth === 'gateway' ? auth : 'token';
  return [who, ...(cache ? ['cached'] : []), ...(body ? ['body'] : [])].join(', ');
}

function takesToken({ auth }: Route): boolean {
  return auth !== 'public' && auth !== 'gateway';
}

/** Finds kinds of routes without a probe, and probes without a route. Each problem is a sentence that says what to do. */
function probeProblems(name: string, routes: Routes, probes: readonly Probe[] | undefined): string[] {
  const file = 'functions/release-check/probes.ts';
  if (probes === undefined) return [`${file}: ${name} has no probes, so its releases are refused: add some`];
  const probed = probes.flatMap(({ route }) => routes[route] ?? []);
  const missing = new Map(Object.entries<Route>(routes).map(([key, route]) => [kindOf(route), key]));
  for (const route of probed) missing.delete(kindOf(route));
  const tokens = Object.values<Route>(routes).some(takesToken)
    ? [
        probes.some((probe) => isRefusal(probe, routes) && probe.headers === undefined) ||
          `${file}: ${name} has no probe without a token: add one that expects 401`,
        probes.some((probe) => isRefusal(probe, routes) && probe.headers?.['Authorization'] !== undefined) ||
          `${file}: ${name} has no probe with a forged token, which shows that its keys can be read: add one`,
      ]
    : [];
  return [
    ...[...missing].map(
      ([kind, key]) => `${file}: ${name} has no probe for its routes of the kind ${kind}, such as ${key}: add one`,
    ),
    ...tokens,
    ...probes
      .filter(({ route }) => routes[route] === undefined)
      .map(({ route }) => `${file}: ${name} has no route ${route}: remove its probe`),
  ].filter((problem) => typeof problem === 'string');
}

function isRefusal({ route, expected }: Probe, routes: Routes): boolean {
  const probed = routes[route];
  return probed !== undefined && takesToken(probed) && 'status' in expected && expected.status === 401;
}

describe('the probes of a release', () => {
  it('include every kind of route of every function', async () => {
    const contracts = await loadContracts(root);
    const problems = [...contracts].flatMap(([name, { routes }]) => probeProblems(name, routes, PROBES[name]));
    expectNoProblems(problems);
    const others = (await functionNames(root)).filter((name) => name !== 'release-check' && !contracts.has(name));
    expect(others.filter((name) => PROBES[name] === undefined)).toEqual([]);
  });

  it('are for existing functions', async () => {
    const names = await functionNames(root);
    expect(Object.keys(PROBES).filter((name) => !names.includes(name))).toEqual([]);
  });

  const route: Route = {
    operationId: 'test',
    summary: 'A route',
    auth: 'learner',
    responses: { 200: null },
    problems: [],
  };
  const probe = (key: RouteKey): Probe => ({ route: key, expected: { status: 401 }, proves: 'nothing' });

  it.each<[string, Routes, readonly Probe[] | undefined, string]>([
    ['a function has none', { 'GET /notes': route }, undefined, 'notes has no probes'],
    [
      'a kind of route has none',
      { 'GET /notes': route, 'POST /notes': { ...route, body: {} } },
      [probe('GET /notes'), { ...probe('GET /notes'), headers: { Authorization: 'Bearer x' } }],
      'no probe for its routes of the kind token, body, such as POST /notes',
    ],
    ['no token is forged', { 'GET /notes': route }, [probe('GET /notes')], 'has no probe with a forged token'],
    ['a route is gone', {}, [probe('GET /notes')], 'notes has no route GET /notes: remove its probe'],
  ])('are told apart when %s, with what to do', (_, routes, probes, message) => {
    expect(probeProblems('notes', routes, probes)).toEqual([expect.stringContaining(message)]);
  });
});
