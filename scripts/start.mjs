// `npm start`: installs what is missing, then runs the local system in the same process, so that signals reach it.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const { status } = spawnSync(process.execPath, [path.join(import.meta.dirname, 'ensure-installed.mjs')], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);

// Imported only now, because the installation may have brought it.
const { register } = await import('tsx/esm/api');
register();
await import('../local/start.ts');
