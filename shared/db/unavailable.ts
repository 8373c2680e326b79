/**
 * Driver errors that mean that the database could not be reached or did not answer in time, so that the request may
 * work later (mongodb driver documentation, "Error handling"). Matched by name, since many are subclasses of others.
 */
const UNAVAILABLE = new Set([
  'MongoClientClosedError',
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoOperationTimeoutError',
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoServerSelectionError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
]);

/**
 * Codes of a server that is stepping down, shutting down or not primary yet (driver specification, "Retryable reads"),
 * or that was too slow: 50 is `MaxTimeMSExpired`, 64 `WriteConcernTimeout` (MongoDB manual, "Error Codes").
 */
const UNAVAILABLE_CODES = new Set([6, 7, 50, 64, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Tells whether an error means that the database is unreachable, rather than a fault in the code or the data. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return UNAVAILABLE.has(error.name) || ('code' in error && UNAVAILABLE_CODES.has(Number(error.code)));
}
