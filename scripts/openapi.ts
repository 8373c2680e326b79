import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createConfig, lint } from '@redocly/openapi-core';
import stringify from 'json-stringify-pretty-compact';
import { loadContracts } from '../tools/openapi/contracts.ts';
import { openApiDocument } from '../tools/openapi/document.ts';

// `npm run openapi`: writes docs/openapi.json from the contracts. With --check, tells whether it is current, and lints
// it.

const root = path.resolve(import.meta.dirname, '..');
const file = path.join(root, 'docs/openapi.json');
const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { readonly version: string };

// What fits on a line stays on one: half the size, and changes still show line by line.
const wanted = `${stringify(openApiDocument(await loadContracts(root), version), { maxLength: 120 })}\n`;

if (!process.argv.includes('--check')) {
  await writeFile(file, wanted);
} else if ((await readFile(file, 'utf8')) !== wanted) {
  console.error('docs/openapi.json is not what the contracts say. Run `npm run openapi` and commit the result.');
  process.exit(1);
}

const config = await createConfig({
  extends: ['recommended-strict'],
  // The route for an episode answers 302 and nothing else.
  rules: { 'no-server-example.com': 'off', 'operation-2xx-response': 'off' },
});
const faults = await lint({ ref: file, config });
for (const { ruleId, message, location } of faults) {
  console.error(`${location[0]?.pointer ?? ''} ${message} (${ruleId})`);
}
if (faults.length > 0) process.exit(1);
