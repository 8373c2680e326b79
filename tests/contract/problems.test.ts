import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROBLEMS, type ProblemCode, problem, problemBody } from '../../shared/http/problem.ts';
import { parseBody } from '../../shared/http/request.ts';
import { readTemplate } from '../../tools/template/read-template.ts';
import { apiEvent } from '../support/functions/api-event.ts';

const root = path.resolve(import.meta.dirname, '../..');
const documented = [
  ...readFileSync(path.join(root, 'docs/problems.md'), 'utf8').matchAll(/^\| `([a-z-]+)` \| (\d{3}) \|/gm),
].map(([, code, status]) => [code, Number(status)]);

describe('docs/problems.md', () => {
  it('documents exactly the existing problems, with their statuses', () => {
    expect(Object.fromEntries(documented)).toEqual(
      Object.fromEntries(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status])),
    );
  });
});

const { gatewayResponses } = readTemplate(path.join(root, 'template.yaml'));

describe('an answer of API Gateway itself', () => {
  it.each(Object.entries(gatewayResponses))(
    'is for %s the problem that functions send',
    (_, { templates, headers }) => {
      const body = JSON.parse(templates['application/json'] ?? '') as { readonly code: ProblemCode };
      const twin = problem(body.code);
      // Including the detail and the headers, such as Retry-After, that every problem of this code has.
      expect(body).toMatchObject(problemBody(twin, '$context.requestId'));
      expect(headers).toMatchObject(
        Object.fromEntries(Object.entries(twin.headers).map(([name, value]) => [name, `'${value}'`])),
      );
    },
  );

  it('describes an unsupported media type as functions do', () => {
    const body = JSON.parse(gatewayResponses.UNSUPPORTED_MEDIA_TYPE?.templates['application/json'] ?? '') as object;
    expect(() => parseBody(apiEvent('POST /auth/login', { headers: { 'Content-Type': 'text/plain' } }))).toThrow(
      expect.objectContaining({ message: (body as { readonly detail: string }).detail }),
    );
  });
});
