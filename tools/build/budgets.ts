/*
 * What may not be exceeded. Bytes are the same on every machine, so a test checks them
 * (tests/contract/budgets.test.ts); times are printed by `npm run bench` beside what was measured.
 */

/** Of one function's bundle, in KiB. */
interface BundleBudget {
  /** What a cold start reads. */
  readonly coldStart: number;
  /** All that is deployed, the AWS client for parameters included, which is read when a secret is wanted. */
  readonly deployed: number;
}

/** By function: some 5 % above what it is. Raise one knowingly, in the commit that makes the bundle larger. */
export const BUNDLE_BUDGETS: Readonly<Record<string, BundleBudget>> = {
  auth: { coldStart: 1105, deployed: 1870 },
  authorizer: { coldStart: 980, deployed: 1640 },
  courses: { coldStart: 900, deployed: 1560 },
  'media-url': { coldStart: 1020, deployed: 1680 },
  podcast: { coldStart: 1065, deployed: 1730 },
  progress: { coldStart: 1065, deployed: 1730 },
};

/** Of the warm handler: ratios, which carry over from one machine to another better than times do. */
export const HANDLER_BUDGETS = {
  /** Time of this handler to that of the bare one, both with the same token and schema work. */
  toBareAtMost: 1.3,
  /** What express + serverless-http adds to the bare handler, to what this handler adds to it. */
  expressOverheadAtLeast: 8,
} as const;

/** Import of each function's bundle to `import 'mongodb'` as published. */
export const IMPORT_TO_DRIVER_AT_MOST = 1;

/** Round trips to the database in which the authorizer decides about a guarded lesson. */
export const AUTHORIZER_ROUND_TRIPS_AT_MOST = 1;
