import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROUTES } from '../../client/src/api/routes.ts';
import type { Route } from '../../shared/http/route.ts';
import { loadContracts } from '../../tools/openapi/contracts.ts';

const root = path.resolve(import.meta.dirname, '../..');

// CI compares every byte (`npm run client:types -- --check`). This compares with the contracts, without the generator.

describe('the client', () => {
  let routes: readonly (readonly [string, Route])[];
  beforeAll(async () => {
    const contracts = [...(await loadContracts(root)).values()];
    routes = contracts.flatMap((contract) => Object.entries<Route>(contract.routes));
  });

  it('knows of every route but those of podcast apps whether it takes a token, its status and its members', () => {
    const forApps = routes.filter(([key]) => !key.includes(' /feeds/'));
    expect(new Set(Object.keys(ROUTES))).toEqual(new Set(forApps.map(([key]) => key)));
    for (const [key, { auth, responses }] of forApps) {
      const words = ROUTES[key]?.split(' ') ?? [];
      expect([key, words.includes('token')]).toEqual([key, auth !== 'public']);
      const [status = '', ...members] = words.filter((word) => word !== 'token');
      expect([key, [status]]).toEqual([key, Object.keys(responses)]);
      const { required = [] } = (responses[Number(status)] ?? {}) as { readonly required?: readonly string[] };
      expect([key, required]).toEqual([key, expect.arrayContaining(members)]);
      expect([key, members.length > 0]).toEqual([key, required.length > 0]);
    }
  });

  it('has the types of every route (run `npm run client:types` and commit the result)', () => {
    const types = readFileSync(path.join(root, 'client/src/api/schema.ts'), 'utf8');
    for (const [key, { operationId }] of routes) {
      const [method = '', route = ''] = key.split(' ');
      expect(types).toContain(`readonly "${route}": {`);
      expect(types).toContain(`readonly ${method.toLowerCase()}: operations["${operationId}"];`);
    }
  });
});
