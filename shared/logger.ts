import { Logger } from '@aws-lambda-powertools/logger';
import { functionName } from './config.ts';
import { redact } from './redaction.ts';

let root: Logger | undefined;

/** The one logger of a function: JSON lines that name the function, secrets left out. Made on first use. */
export function logger(): Logger {
  root ??= new Logger({
    serviceName: 'lectern',
    persistentKeys: { function: functionName() },
    jsonReplacerFn: redact,
  });
  return root;
}

/** A logger whose every line has the id that the client was given as `X-Request-Id`. */
export function requestLogger(requestId: string): Logger {
  return logger().createChild({ persistentKeys: { requestId } });
}
