import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** A Node to measure on. */
export interface NodeBinary {
  readonly path: string;
  readonly version: string;
}

/** The major version of the runtime in template.yaml. */
const DEPLOYED_MAJOR = 24;

/** bench/package.json brings the deployed version for Linux; on other systems npm leaves it out. */
const PACKAGED = path.resolve(import.meta.dirname, `../node_modules/node-${process.platform}-${process.arch}/bin/node`);

/**
 * The Node that functions are deployed on: the one that comes with the bench, else the running one if it is new enough.
 * @throws Error that says what to do.
 */
export function deployedNode(): NodeBinary {
  const binary = existsSync(PACKAGED)
    ? { path: PACKAGED, version: execFileSync(PACKAGED, ['--version'], { encoding: 'utf8' }).trim() }
    : { path: process.execPath, version: process.version };
  if (Number.parseInt(binary.version.slice(1), 10) < DEPLOYED_MAJOR) {
    throw new Error(
      `Functions run on Node ${DEPLOYED_MAJOR}, and this is ${binary.version}. For ${process.platform} on ${process.arch} ` +
        `no Node ${DEPLOYED_MAJOR} comes with the bench: run it with one that is installed.`,
    );
  }
  return binary;
}
