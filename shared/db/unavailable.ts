/**
 * The driver's errors that say the database could not be reached or did not answer in time, so that the same request
 * may work later (mongodb driver documentation, "Error handling"). By name, since many of them are subclasses of others.
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
 * Codes of a server that is stepping down, shutting down or not yet primary (driver specification, "Retryable reads"), and
 * of one that was too slow: 50 is `MaxTimeMSExpired`, 64 `WriteConcernTimeout` (MongoDB manual, "Error Codes").
 */
const UNAVAILABLE_CODES = new Set([6, 7, 50, 64, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

/** Whether an error means that the database is away, rather than that something is wrong with the code or the data. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return UNAVAILABLE.has(error.name) || ('code' in error && UNAVAILABLE_CODES.has(Number(error.code)));
}
