import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoError,
  MongoErrorLabel,
  MongoExpiredSessionError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoStalePrimaryError,
  MongoSystemError,
  MongoTopologyClosedError,
  MongoUnexpectedServerResponseError,
} from 'mongodb';

/**
 * Kinds of driver errors that mean that the database could not be reached or did not answer in time, so that the request
 * may work later (mongodb driver documentation, "Error handling").
 */
const UNAVAILABLE = [
  // Broken connections, timeouts, and pools that were cleared because of them.
  MongoNetworkError,
  // No server could be selected.
  MongoSystemError,
  MongoOperationTimeoutError,
  MongoStalePrimaryError,
  // A server that restarts answers a repeated command differently than before.
  MongoUnexpectedServerResponseError,
  // The client was closed or replaced during the operation.
  MongoClientClosedError,
  MongoExpiredSessionError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
] as const;

/** Kinds that the driver does not export. */
const UNAVAILABLE_NAMES: ReadonlySet<string> = new Set(['MongoPoolClosedError', 'MongoWaitQueueTimeoutError']);

/** Labels of errors after which the same operation may work (driver specifications "Retryable Writes", "Transactions"). */
const UNAVAILABLE_LABELS = [
  MongoErrorLabel.RetryableError,
  MongoErrorLabel.RetryableWriteError,
  MongoErrorLabel.SystemOverloadedError,
  MongoErrorLabel.TransientTransactionError,
  MongoErrorLabel.UnknownTransactionCommitResult,
] as const;

/** Codes of servers that are starting, stepping down, shutting down, too slow or too busy (MongoDB manual, "Error Codes"). */
const UNAVAILABLE_CODES: ReadonlySet<number> = new Set([
  6, // HostUnreachable
  7, // HostNotFound
  24, // LockTimeout
  43, // CursorNotFound: the server restarted between two batches
  50, // MaxTimeMSExpired
  64, // WriteConcernTimeout
  89, // NetworkTimeout
  91, // ShutdownInProgress
  94, // NotYetInitialized
  112, // WriteConflict
  133, // FailedToSatisfyReadPreference
  134, // ReadConcernMajorityNotAvailableYet
  189, // PrimarySteppedDown
  202, // NetworkInterfaceExceededTimeLimit
  211, // KeyNotFound: the keys of cluster times are not read yet
  237, // CursorKilled
  251, // NoSuchTransaction: the server restarted during it
  262, // ExceededTimeLimit
  279, // ClientDisconnect
  290, // TransactionExceededLifetimeLimitSeconds
  365, // TemporarilyUnavailable
  384, // ConnectionError
  462, // IngressRequestRateLimitExceeded
  9001, // SocketException
  10058, // LegacyNotPrimary
  10107, // NotWritablePrimary
  11600, // InterruptedAtShutdown
  11601, // Interrupted
  11602, // InterruptedDueToReplStateChange
  13435, // NotPrimaryNoSecondaryOk
  13436, // NotPrimaryOrSecondary
]);

/** Codes of Node's errors of sockets, streams, TLS and DNS (Node.js documentation, "Errors" and "DNS"). */
const SOCKET_CODE =
  /^(E(PIPE|CONN\w+|TIMEDOUT|TIMEOUT|HOST\w+|NET\w+|NOTCONN|SHUTDOWN|ADDRNOTAVAIL|NOBUFS|PROTO|CANCELLED|AI_\w+|NOTFOUND|NODATA|SERVFAIL|REFUSED|BADRESP)|ERR_(STREAM|SOCKET|SSL|TLS)_\w+)$/;

/** Tells whether an error means that the database is unreachable, rather than a fault in the code or the data. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof MongoError)) return isSocketError(error);
  // The error in a bulk write, or the one that it was made from.
  if (error instanceof MongoBulkWriteError && [error.err, error.errorResponse].some(isDatabaseUnavailable)) return true;
  return (
    UNAVAILABLE.some((kind) => error instanceof kind) ||
    UNAVAILABLE_NAMES.has(error.name) ||
    UNAVAILABLE_LABELS.some((label) => error.hasErrorLabel(label)) ||
    UNAVAILABLE_CODES.has(Number(error.code)) ||
    isDatabaseUnavailable(error.cause)
  );
}

/** Tells whether an error is one of Node's of a broken or refused connection. */
export function isSocketError(error: unknown): error is Error & { readonly code: string } {
  return (
    // Not instanceof: Node's own errors are of another realm than the code of a test.
    typeof error === 'object' && error !== null && 'code' in error && SOCKET_CODE.test(String(error.code))
  );
}
