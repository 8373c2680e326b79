export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'CRITICAL';

const LEVELS: readonly string[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL'] satisfies LogLevel[];

export function isLogLevel(level: unknown): level is LogLevel {
  return typeof level === 'string' && LEVELS.includes(level);
}

export type LogEntry =
  | {
      readonly kind: 'access';
      readonly method: string;
      /** Without the query, and without the values of parameters that hold a token. */
      readonly path: string;
      readonly status: number;
      readonly durationMilliseconds: number;
      readonly cache: 'hit' | 'miss' | null;
      /** Whether the authorizer's result came from the cache. Null if no authorizer decided. */
      readonly authorizer: 'hit' | 'miss' | null;
      readonly requestId: string;
      /** Why the gateway answered instead of a function. */
      readonly gatewayError: string | null;
    }
  | {
      readonly kind: 'function';
      readonly function: string;
      readonly level: LogLevel;
      readonly message: string;
      readonly requestId: string | null;
      readonly details: Readonly<Record<string, unknown>>;
    };

export type Log = (entry: LogEntry) => void;
