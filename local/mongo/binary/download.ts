import { createRequire } from 'node:module';
import { type Environment, lastLine, run } from '../../../tools/platform/run.ts';

/**
 * A 7.0 release: it opens data of the wheel's 6.0, which 8.0 does not, and MongoDB 8.0 does not start on Linux 6.19 to
 * 7.0.13 (MongoDB manual, "Release Notes for MongoDB 8.0").
 */
const VERSION = '7.0.40';

const DOWNLOAD = `
  const [library, version] = process.argv.slice(1);
  require(library).MongoBinary.getPath({ version, checkMD5: true }).then(
    (path) => console.log('\\n' + path),
    (error) => { console.error(error.message.replaceAll('\\n', ' ')); process.exitCode = 1; },
  );
`;

/**
 * Returns the path of the mongod that mongodb-memory-server has in its cache or downloads.
 *
 * It runs in its own process, because it prints its progress, waits a minute for a host that does not answer, and
 * checks certificates only if npm_config_strict_ssl is set in the environment.
 */
export async function downloadMongod(env: Environment, report: (message: string) => void): Promise<string> {
  const require = createRequire(import.meta.filename);
  const library = require.resolve('mongodb-memory-server-core');
  report(`looking for MongoDB ${VERSION} with mongodb-memory-server`);
  const printed = await run(process.execPath, ['-e', DOWNLOAD, library, VERSION], {
    env: { ...env, npm_config_strict_ssl: 'true', MONGOMS_MAX_RETRIES: '1' },
    silenceSeconds: 15,
  });
  const path = lastLine(printed);
  if (path === undefined) throw new Error('mongodb-memory-server returned no path');
  return path;
}
