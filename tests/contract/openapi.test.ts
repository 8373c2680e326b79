import { readFileSync } from 'node:fs';
import path from 'node:path';
import { schemaCompiler } from '../../shared/http/compile.ts';
import type { Route } from '../../shared/http/route.ts';
import { loadContracts } from '../../tools/openapi/contracts.ts';
import { openApiDocument } from '../../tools/openapi/document.ts';
import { exampleOf } from '../../tools/openapi/example.ts';

const root = path.resolve(import.meta.dirname, '../..');

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, unknown>;
}

describe('docs/openapi.json', () => {
  it('is what the contracts say (run `npm run openapi` and commit the result)', async () => {
    const document = openApiDocument(await loadContracts(root), String(readJson('package.json')['version']));
    expect(readJson('docs/openapi.json')).toEqual(JSON.parse(JSON.stringify(document)));
  });

  it('has examples that their schemas accept', async () => {
    const ajv = schemaCompiler('body');
    for (const { routes } of (await loadContracts(root)).values()) {
      for (const { body, responses } of Object.values<Route>(routes)) {
        for (const schema of [body, ...Object.values(responses)]) {
          if (schema === undefined || schema === null) continue;
          const valid = ajv.validate(schema as object, exampleOf(schema));
          expect(valid ? [] : ajv.errors).toEqual([]);
        }
      }
    }
  });

  it('names every operation once', async () => {
    const ids = [...(await loadContracts(root)).values()].flatMap(({ routes }) =>
      Object.values<Route>(routes).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});
