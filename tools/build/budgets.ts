/*
 * Sizes are the same on every machine, so a test checks their budgets (tests/contract/budgets.test.ts). `npm run bench`
 * prints the other budgets next to its measurements.
 */

/** Largest size of a function's bundle, in KiB. */
interface BundleBudget {
  /** Bytes of the entry and what it imports statically, which a cold start reads. */
  readonly coldStart: number;
  /** All deployed bytes. What calls AWS loads with the first secret, metrics and tracing only where they are on. */
  readonly deployed: number;
}

/** By function, about 5 % above the present size. Raise a budget in the commit that makes the bundle larger. */
export const BUNDLE_BUDGETS: Readonly<Record<string, BundleBudget>> = {
  auth: { coldStart: 1085, deployed: 1320 },
  authorizer: { coldStart: 945, deployed: 1160 },
  courses: { coldStart: 900, deployed: 1155 },
  'media-url': { coldStart: 995, deployed: 1260 },
  podcast: { coldStart: 1035, deployed: 1305 },
  progress: { coldStart: 1050, deployed: 1290 },
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

/** Containers that get their first request. Processor times, because Lambda gives a request a share of a processor. */
export const FIRST_ANSWER_BUDGETS = {
  /** Of a first request that reads, in milliseconds. */
  maxReadMilliseconds: 10,
  /** Of one that writes, and hashes no password, in milliseconds above a later one. */
  maxWriteAboveWarmMilliseconds: 15,
  /** The wait for the first answer of Express, divided by that of `courses`. */
  minExpressWaitRatio: 2.2,
} as const;

/** Database round trips of an authorizer decision about a members' lesson. */
export const MAX_AUTHORIZER_ROUND_TRIPS = 1;
