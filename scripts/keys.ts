import path from 'node:path';
import { runKeys } from './keys/command.ts';

// `npm run keys -- [show|create|publish|switch|retire] [--environment NAME]`: the keys that access tokens are signed with.

const root = path.resolve(import.meta.dirname, '..');

try {
  process.exitCode = await runKeys(process.argv.slice(2), {
    root,
    dataDir: path.join(root, '.data'),
    print: (line) => console.log(line),
    report: (line) => console.error(line),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
