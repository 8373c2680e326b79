/*
 * Sizes are the same on every machine, so a test checks their budgets (tests/contract/budgets.test.ts). `npm run bench`
 * prints the other budgets next to its measurements.
 */

/** Largest size of a function's bundle, in KiB. */
interface BundleBudget {
  /** Bytes that a cold start reads. */
  readonly coldStart: number;
  /**
   * All deployed bytes. The AWS client for parameters loads with the first secret, metrics and tracing only where they are
   * on.
   */
  readonly deployed: number;
}

/** By function, about 5 % above the present size. Raise a budget in the commit that makes the bundle larger. */
export const BUNDLE_BUDGETS: Readonly<Record<string, BundleBudget>> = {
  auth: { coldStart: 1105, deployed: 2055 },
  authorizer: { coldStart: 980, deployed: 1790 },
  courses: { coldStart: 900, deployed: 1785 },
  'media-url': { coldStart: 1020, deployed: 1860 },
  podcast: { coldStart: 1065, deployed: 1900 },
  progress: { coldStart: 1065, deployed: 1915 },
  'release-check': { coldStart: 50, deployed: 890 },
};

/** Time of a warm handler. Ratios, because they differ less between machines than times. */
export const HANDLER_BUDGETS = {
  /** Time of this handler divided by that of the bare one, with the same token and schema work. */
  maxRatioToBare: 1.3,
  /** Overhead of express with serverless-http divided by that of this handler, both over the bare one. */
  minExpressOverheadRatio: 8,
} as const;

/** Import time of each bundle divided by that of `import 'mongodb'` as published. */
export const MAX_IMPORT_TO_DRIVER_RATIO = 1;

/** Database round trips of an authorizer decision about a members' lesson. */
export const MAX_AUTHORIZER_ROUND_TRIPS = 1;
