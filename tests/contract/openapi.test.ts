import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { schemaCompiler } from '../../shared/http/compile.ts';
import { PROBLEMS } from '../../shared/http/problem.ts';
import type { Route } from '../../shared/http/route.ts';
import { loadContracts } from '../../tools/openapi/contracts.ts';
import { openApiDocument } from '../../tools/openapi/document.ts';
import { exampleOf } from '../../tools/openapi/example.ts';

const root = path.resolve(import.meta.dirname, '../..');

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8')) as Record<string, unknown>;
}

interface Operation {
  readonly parameters: readonly {
    readonly in: string;
    readonly name: string;
    readonly description?: string;
    readonly schema: object;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content } | undefined>>;
}

type Content = Readonly<Record<string, { readonly schema: unknown; readonly examples?: object }>>;
type Paths = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Replaces every reference by what it refers to. */
function resolved(document: unknown, node: unknown): unknown {
  if (Array.isArray(node)) return node.map((item) => resolved(document, item));
  if (typeof node !== 'object' || node === null) return node;
  if ('$ref' in node) {
    const names = String(node.$ref).split('/').slice(1);
    const target = names.reduce(
      (found, name) => found[name] as Record<string, unknown>,
      document as Record<string, unknown>,
    );
    return resolved(document, target);
  }
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, resolved(document, value)]));
}

/** The document says in words which of its properties an event needs: generators misread the alternatives. */
function withoutAlternatives(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutAlternatives);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { anyOf, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, withoutAlternatives(value)]),
  );
  return anyOf === undefined || 'properties' in rest ? rest : { ...rest, anyOf };
}

/** The title of a parameter's schema names the parameter, which stands in its place. */
function withoutTitle(schema: unknown): unknown {
  const { title: _title, ...rest } = schema as { readonly title?: string };
  return rest;
}

/** A third of the 444 kB that 38 routes took when nothing was shared. */
const MAX_BYTES_PER_ROUTE = 148_000 / 38;

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
          const valid = ajv.validate(schema as object, exampleOf(schema, 'A schema'));
          expect(valid ? [] : ajv.errors).toEqual([]);
        }
      }
    }
  });

  it('cannot be made without an example, and says where one is missing', () => {
    const item = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] } as const;
    const answer = { type: 'object', properties: { items: { type: 'array', items: item } } } as const;
    const route = { operationId: 'a', summary: 'A', auth: 'public', responses: { 200: answer }, problems: [] } as const;
    const contracts = new Map([['notes', { routes: { 'GET /notes': route }, runtime: {} }]]);
    expect(() => openApiDocument(contracts, '1.0.0')).toThrow(
      'functions/notes/contract.ts: the answer 200 of GET /notes, items, an item, text: add `examples` to this schema: {"type":"string"}',
    );
  });

  it('says of every route what its contract says, once its references are resolved', async () => {
    const document = readJson('docs/openapi.json') as unknown as { readonly paths: Paths };
    for (const { routes } of (await loadContracts(root)).values()) {
      for (const [key, route] of Object.entries<Route>(routes)) {
        const [method = '', path = ''] = key.split(' ');
        const operation = resolved(document, document.paths[path]?.[method.toLowerCase()]) as Operation;
        const schemaOf = (content: Content | undefined) => Object.values(content ?? {})[0]?.schema;

        expect(schemaOf(operation.requestBody?.content)).toEqual(withoutAlternatives(route.body));
        for (const [status, schema] of Object.entries(route.responses)) {
          expect(schemaOf(operation.responses[status]?.content)).toEqual(schema ?? undefined);
        }
        const inputs = { path: route.path, query: route.query, header: route.headers };
        const declared = Object.entries(inputs).flatMap(([place, schemas]) =>
          Object.entries(schemas ?? {}).map(([name, schema]) => [place, name, withoutTitle(schema)] as const),
        );
        expect(
          operation.parameters.map(({ in: place, name, schema, description }) => [
            place,
            name,
            { ...(withoutTitle(schema) as object), ...(description !== undefined && { description }) },
          ]),
        ).toEqual(declared);
        for (const code of route.problems) {
          const response = operation.responses[String(PROBLEMS[code].status)];
          expect(Object.keys(response?.content?.['application/problem+json']?.examples ?? {})).toContain(code);
        }
      }
    }
  });

  it('stays small: what repeats is shared', async () => {
    const { size } = statSync(path.join(root, 'docs/openapi.json'));
    const contracts = [...(await loadContracts(root)).values()];
    const routes = contracts.flatMap((contract) => Object.keys(contract.routes));
    expect(size / routes.length).toBeLessThanOrEqual(MAX_BYTES_PER_ROUTE);
  });

  it('has no schema that client generators misread', () => {
    const document = readJson('docs/openapi.json');
    const misread: string[] = [];
    (function visit(node: unknown, place: string): void {
      if (typeof node !== 'object' || node === null) return;
      const { type, anyOf, properties, title } = node as Readonly<Record<string, unknown>>;
      if (Array.isArray(type) && type.includes('object')) misread.push(`${place}: null is lost, use anyOf`);
      if (anyOf !== undefined && properties !== undefined) misread.push(`${place}: properties beside anyOf are lost`);
      if (properties !== undefined && title === undefined && !place.includes('/examples/')) {
        misread.push(`${place}: without a title, generators make up a name`);
      }
      for (const [name, value] of Object.entries(node)) visit(value, `${place}/${name}`);
    })(document['components'], '');
    expect(misread).toEqual([]);
  });

  it('names every operation once', async () => {
    const ids = [...(await loadContracts(root)).values()].flatMap(({ routes }) =>
      Object.values<Route>(routes).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});
