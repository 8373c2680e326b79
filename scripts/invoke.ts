import path from 'node:path';
import { runInvoke } from '../local/sam/invoke.ts';
import { interruption } from '../tools/platform/interruption.ts';

// `npm run invoke -- <function> <event> [--direct]`: runs a function once, in a container of Lambda's own image.

try {
  process.exitCode = await runInvoke(process.argv.slice(2), {
    root: path.resolve(import.meta.dirname, '..'),
    env: process.env,
    signal: interruption(),
    print: (text) => console.log(text),
    report: (message) => console.error(message),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
