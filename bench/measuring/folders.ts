import path from 'node:path';

export const PROJECT = path.resolve(import.meta.dirname, '../..');

/** Where the bench builds, apart from the bundles that others use. Inside the project, so that packages are found. */
export const BENCH_BUILD = path.join(PROJECT, '.build/bench');
