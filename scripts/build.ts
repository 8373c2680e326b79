import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleFunction, functionNames } from '../tools/build/bundle.ts';
import { ensureSamFiles } from '../tools/sam/sam-files.ts';

// `npm run build [-- <function> …]`: bundles all functions, or those named, into .build/functions/.

const root = path.resolve(import.meta.dirname, '..');
const known = await functionNames(root);
const wanted = process.argv.slice(2);

const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`Unknown function: ${unknown.join(', ')}. Functions: ${known.join(', ')}.`);
  process.exit(1);
}

// The inputs of each bundle, for `npm run bench -- cold`. Outside of the bundles, since they are not deployed.
const metaDirectory = path.join(root, '.build/meta');
await mkdir(metaDirectory, { recursive: true });
if (wanted.length === 0) await rm(path.join(root, '.build/functions'), { recursive: true, force: true });

// So that plain `sam local` commands run what was built.
await ensureSamFiles(path.join(root, '.build/sam'));

for (const name of wanted.length > 0 ? wanted : known) {
  const { metafile } = await bundleFunction(name, { root });
  await writeFile(path.join(metaDirectory, `${name}.json`), JSON.stringify(metafile));
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  console.log(`${name}: ${Math.round(bytes / 1024)} KB`);
}
