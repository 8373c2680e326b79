// `npm start`: installs what is missing, and then is the local system, in one process that every signal reaches.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const { status } = spawnSync(process.execPath, [path.join(import.meta.dirname, 'ensure-installed.mjs')], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

// Not before: it may have been missing.
const { register } = await import('tsx/esm/api');
register();
await import('../local/start.ts');
