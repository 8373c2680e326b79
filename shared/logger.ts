import { Logger } from '@aws-lambda-powertools/logger';
import { functionName, functionVersion } from './config.ts';
import { redact } from './redaction.ts';

let root: Logger | undefined;

/**
 * Returns the only logger of a function, created on first use. It writes JSON lines with the function's name and version,
 * without secrets.
 */
export function logger(): Logger {
  root ??= new Logger({
    serviceName: 'lectern',
    persistentKeys: { function: functionName(), version: functionVersion() },
    jsonReplacerFn: redact,
  });
  return root;
}

/** Returns a logger that adds the request id, which the client gets as `X-Request-Id`, to every line. */
export function requestLogger(requestId: string): Logger {
  return logger().createChild({ persistentKeys: { requestId } });
}

/**
 * Returns a logger for what operators need later, whatever the lowest level is that a deployment logs. Only `SILENT`, which
 * no deployment can set, silences it.
 */
export function recordLogger(): Logger {
  return logger().getLevelName() === 'SILENT' ? logger() : logger().createChild({ logLevel: 'INFO' });
}
