import path from 'node:path';
import { runChanged } from '../tools/changes/command.ts';
import { messageOf } from '../tools/platform/errors.ts';

// `npm run changed -- --since REVISION`: what to deploy where that revision is live.

try {
  process.exitCode = await runChanged(process.argv.slice(2), {
    root: path.resolve(import.meta.dirname, '..'),
    env: process.env,
    print: (line) => console.log(line),
    report: (line) => console.error(line),
  });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
