// Installs the dependencies if they are missing or differ from the lockfile, so that `npm start` and `npm test` work on
// a fresh clone. Plain JavaScript, since nothing is installed yet when it runs. An argument names a further folder with
// dependencies, such as `bench`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

for (const folder of ['.', ...process.argv.slice(2)]) install(path.join(root, folder));

function install(folder) {
  if (isInstalled(folder)) return;

  console.log(`Installing dependencies${folder === root ? '' : ` of ${path.relative(root, folder)}`} …`);
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    // npm is a script on Windows, which only a shell can run.
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * Compares the lockfile with what npm last installed, which it records in `node_modules/.package-lock.json`. npm leaves
 * out optional packages of other platforms there.
 */
function isInstalled(folder) {
  const record = path.join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = packagesIn(path.join(folder, 'package-lock.json'));
  const installed = packagesIn(record);
  return (
    Object.keys(installed).every((name) => name in wanted) &&
    Object.entries(wanted).every(
      ([name, { version, optional }]) =>
        name === '' || installed[name]?.version === version || (optional && !(name in installed)),
    )
  );
}

function packagesIn(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
