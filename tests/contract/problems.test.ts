import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PROBLEMS } from '../../shared/http/problem.ts';
import { readTemplate } from '../../tools/template/read-template.ts';

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

  it('covers the answers of API Gateway itself, with the titles that functions use', () => {
    const { gatewayResponses } = readTemplate(path.join(root, 'template.yaml'));
    for (const { templates } of Object.values(gatewayResponses)) {
      const { code, title, status } = JSON.parse(templates['application/json'] ?? '') as Record<string, string>;
      expect(PROBLEMS).toHaveProperty([String(code)], expect.objectContaining({ title, status }));
    }
  });
});
