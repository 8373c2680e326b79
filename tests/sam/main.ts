import path from 'node:path';
import { findSam, MissingTools } from '../../local/sam/container/tools.ts';
import { interruption } from '../../tools/platform/interruption.ts';
import { compareWithSam } from './compare-with-sam.ts';

// `npm run test:sam [-- --if-available]`: checks that the functions answer under the real SAM CLI as under the local
// gateway.

const root = path.resolve(import.meta.dirname, '../..');
const { env } = process;
const isOptional = process.argv.includes('--if-available');

try {
  const sam = await findSam(env, root);
  const { passed, failed } = await compareWithSam({ root, sam, env, signal: interruption(), print: console.log });
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  if (isOptional && error instanceof MissingTools) {
    console.log(`skipped: ${error.message.replaceAll('\n', ' ')}`);
  } else {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
