import path from 'node:path';
import { parseArgs } from 'node:util';
import { withoutPassword } from '../tools/platform/mongo-uri.ts';
import { onEnding } from './ending.ts';
import { type System, startSystem } from './system.ts';

// `npm start [-- --data-dir <folder>]`: runs everything on this machine, until Ctrl-C. PORT sets the port.

const report = (message: string) => console.log(message);

let system: System | undefined;
onEnding(
  // While it starts, all that runs besides is a mongod that ends with this process.
  () => void (system?.stop() ?? Promise.resolve()).finally(() => process.exit(0)),
  // The database recovers from its journal.
  () => process.exit(1),
);

try {
  const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } } });
  const port = process.env['PORT'];
  if (port !== undefined && !/^\d{1,5}$/.test(port)) throw new Error(`PORT must be a number, not ${port}`);

  const root = path.resolve(import.meta.dirname, '..');
  system = await startSystem({
    root,
    dataDir: path.resolve(values['data-dir'] ?? path.join(root, '.data')),
    samDir: path.join(root, '.build/sam'),
    port: port === undefined ? null : Number(port),
    env: process.env,
    report,
  });

  report(welcome(system));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function welcome({ apiUrl, mediaUrl, mongodbUri, sampleAccounts }: System): string {
  const signIn =
    sampleAccounts === null
      ? []
      : [
          `  Sign in    ${sampleAccounts.emails.join(', ')}`,
          `             password for each: ${sampleAccounts.password}`,
        ];
  return [
    '',
    `Lectern runs at ${apiUrl}`,
    '',
    `  Catalog    ${apiUrl}/courses`,
    `  A course   ${apiUrl}/courses/writing-that-teaches`,
    `  A lesson   ${apiUrl}/courses/writing-that-teaches/previews/one-lesson-one-promise`,
    `  Media      ${mediaUrl}`,
    `  Database   ${withoutPassword(mongodbUri)}`,
    ...signIn,
    '',
    'Functions are rebuilt when their sources change. Press Ctrl-C to stop.',
    '',
  ].join('\n');
}
