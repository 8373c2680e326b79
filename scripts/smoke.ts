import path from 'node:path';
import { interruption } from '../tools/platform/interruption.ts';
import { runSmoke } from '../tools/smoke/command.ts';

// `npm run smoke -- [<api url>] [--without-account]`: uses an API as an app does, and cleans up after itself.

try {
  process.exitCode = await runSmoke(process.argv.slice(2), {
    dataDir: path.resolve(import.meta.dirname, '../.data'),
    env: process.env,
    signal: interruption(),
    print: (line) => console.log(line),
    report: (line) => console.error(line),
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
