import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, type BuildResult, build, type Metafile } from 'esbuild';
import { contractPlugin } from './contract-plugin.ts';
import { driverPlugin } from './driver-plugin.ts';
import { entryPlugin } from './entry-plugin.ts';
import { parametersPlugin } from './parameters-plugin.ts';
import { semverPlugin } from './semver-plugin.ts';

/** A function's bundle on disk. */
export interface Bundle {
  readonly name: string;
  readonly directory: string;
  /** Whether any file differs from the previous bundle. */
  readonly changed: boolean;
  readonly metafile: Metafile;
  /** The files it was made of, as paths with slashes below the root. */
  readonly inputs: ReadonlySet<string>;
}

export interface BundleOptions {
  /** Folder of the project. */
  readonly root: string;
  /** Where bundles go, one folder each. By default `.build/functions`, where template.yaml looks. */
  readonly outDir?: string;
}

/** Optional packages of the driver and of the AWS SDK. */
const OPTIONAL_PACKAGES = [
  '@aws-sdk/credential-providers',
  '@mongodb-js/zstd',
  'gcp-metadata',
  'kerberos',
  'mongodb-client-encryption',
  'snappy',
  'socks',
];

/** Returns the names of all functions, which are the folders of functions/. */
export async function functionNames(root: string): Promise<string[]> {
  const folders = await readdir(path.join(root, 'functions'), { withFileTypes: true });
  return folders
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Bundles one function. The same sources always give the same bytes, wherever they and node_modules are. */
export async function bundleFunction(name: string, options: BundleOptions): Promise<Bundle> {
  const contractInputs = new Set<string>();
  const result = await build(buildOptions(name, options.root, contractInputs));
  const inputs = new Set([...Object.keys(result.metafile.inputs), ...contractInputs]);
  return { ...(await save(name, options, result)), inputs };
}

function buildOptions(name: string, root: string, contractInputs: Set<string>) {
  return {
    absWorkingDir: root,
    entryPoints: { index: `functions/${name}/handler.ts` },
    outdir: '.',
    outExtension: { '.js': '.mjs' },
    chunkNames: '[name]-[hash]',
    bundle: true,
    write: false,
    metafile: true,
    logLevel: 'silent',
    // The names of modules are part of the bundle and of its hashes. By their real paths, a linked node_modules would
    // change them.
    preserveSymlinks: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Dynamic imports, such as that of what calls AWS, become chunks that load when needed.
    splitting: true,
    // Without unused parts, the SDK's ES modules are less than half the size of its CommonJS.
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: true,
    legalComments: 'none',
    external: OPTIONAL_PACKAGES,
    // CommonJS packages in an ES module still call require for Node's own modules.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    plugins: [contractPlugin(root, contractInputs), driverPlugin(), entryPlugin(), parametersPlugin(), semverPlugin()],
  } as const satisfies BuildOptions;
}

type Built = BuildResult<ReturnType<typeof buildOptions>>;

/** Makes the folder contain exactly the files of this build, so that the deployed zip depends on nothing else. */
async function save(name: string, { root, outDir }: BundleOptions, result: Built): Promise<Omit<Bundle, 'inputs'>> {
  const directory = path.resolve(root, outDir ?? '.build/functions', name);
  await mkdir(directory, { recursive: true });
  const stale = new Set(await readdir(directory));
  let changed = false;
  for (const file of result.outputFiles) {
    const base = path.basename(file.path);
    const target = path.join(directory, base);
    const same = stale.delete(base) && (await readFile(target)).equals(file.contents);
    if (!same) await writeFile(target, file.contents);
    changed ||= !same;
  }
  for (const base of stale) await rm(path.join(directory, base), { recursive: true });
  return { name, directory, changed: changed || stale.size > 0, metafile: result.metafile };
}
