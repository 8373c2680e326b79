import { type Message, stop as stopEsbuild } from 'esbuild';
import { messageOf } from '../platform/errors.ts';
import { type BundleOptions, bundleFunction, functionNames } from './bundle.ts';
import { watchFolders } from './source-folders.ts';

/** Result of bundling after sources changed. */
export interface Rebuild {
  /** Functions whose bundle is another one now, or that can be bundled again. */
  readonly changed: readonly string[];
  /** Functions that could not be bundled. Their previous bundles stay. */
  readonly failed: readonly string[];
  /** Why not, in esbuild's words. */
  readonly errors: readonly string[];
}

type Outcome = 'changed' | 'unchanged' | 'failed';

/** What functions may import. Dependencies change by an installation, after which one starts again. */
const SOURCE_FOLDERS = ['functions', 'shared', 'publishing'];

/**
 * Bundles all functions, and each again when one of its sources changes.
 * @param onRebuilt called if something changed or failed, the first time as well
 * @returns once the first bundles are on disk or have failed
 */
export async function watchFunctions(
  options: BundleOptions,
  onRebuilt: (rebuild: Rebuild) => void,
): Promise<{ stop(): Promise<void> }> {
  const names = await functionNames(options.root);
  const inputs = new Map<string, ReadonlySet<string>>();
  const broken = new Set<string>();
  let isStopped = false;

  /** A function that could not be bundled may have lacked any file. */
  const isAffected = (name: string, files: ReadonlySet<string>) =>
    broken.has(name) || [...files].some((file) => inputs.get(name)?.has(file));

  async function rebuild(affected: readonly string[]): Promise<void> {
    if (isStopped || affected.length === 0) return;
    const errors = new Set<string>();
    const outcomes = await Promise.all(affected.map(async (name) => ({ name, outcome: await attempt(name, errors) })));
    // Its process holds hundreds of megabytes, and starts again in a fraction of a second when it is needed.
    await stopEsbuild();
    const named = (wanted: Outcome) => outcomes.filter(({ outcome }) => outcome === wanted).map(({ name }) => name);
    const [changed, failed] = [named('changed'), named('failed')];
    if (!isStopped && changed.length + failed.length > 0) onRebuilt({ changed, failed, errors: [...errors] });
  }

  async function attempt(name: string, errors: Set<string>): Promise<Outcome> {
    try {
      const bundle = await bundleFunction(name, options);
      inputs.set(name, bundle.inputs);
      const wasBroken = broken.delete(name);
      return bundle.changed || wasBroken ? 'changed' : 'unchanged';
    } catch (error) {
      broken.add(name);
      for (const line of linesOf(error)) errors.add(line);
      return 'failed';
    }
  }

  // Watched from before the first bundles, so that they are out of date only until the next ones.
  let building = Promise.resolve();
  const watching = await watchFolders({
    root: options.root,
    folders: SOURCE_FOLDERS,
    onChange(files) {
      building = building.then(() => rebuild(names.filter((name) => isAffected(name, files))));
    },
    onFailure(error) {
      onRebuilt({ changed: [], failed: [], errors: [`Changes of sources are not noticed: ${messageOf(error)}`] });
    },
  });
  building = building.then(() => rebuild(names));
  await building;
  return {
    async stop() {
      isStopped = true;
      watching.close();
      await building;
    },
  };
}

function linesOf(error: unknown): readonly string[] {
  return isBuildFailure(error) ? error.errors.map(describeError) : [messageOf(error)];
}

function isBuildFailure(error: unknown): error is { readonly errors: readonly Message[] } {
  return typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors);
}

function describeError({ text, location }: Message): string {
  return location === null ? text : `${location.file}:${location.line}:${location.column} ${text}`;
}
