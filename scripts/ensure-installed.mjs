// Installs the dependencies when they are missing or older than the lockfile, so that `npm start` and `npm test` work on
// a fresh clone. Plain JavaScript, since nothing is installed yet when it runs. With a folder, such as `bench`, those of
// that folder as well.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

for (const folder of ['.', ...process.argv.slice(2)]) install(path.join(root, folder));

function install(folder) {
  const lockfile = readFileSync(path.join(folder, 'package-lock.json'), 'utf8');
  const stamp = path.join(folder, 'node_modules/.lectern-lockfile');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockfile) return;

  console.log(`Installing dependencies${folder === root ? '' : ` of ${path.relative(root, folder)}`} …`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    // npm is a script on Windows, which only a shell can run.
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(stamp, lockfile);
}
