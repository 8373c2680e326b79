import { styleText } from 'node:util';
import type { Log, LogEntry, LogLevel } from './log.ts';

type Style = 'red' | 'yellow' | 'green' | 'cyan' | 'dim';
type Paint = (style: Style, text: string) => string;

const LEVEL_STYLES: Readonly<Record<LogLevel, Style>> = {
  TRACE: 'dim',
  DEBUG: 'dim',
  INFO: 'cyan',
  WARN: 'yellow',
  ERROR: 'red',
  CRITICAL: 'red',
};

/** Writes log entries for people: one line each, with colours on a terminal. */
export function createTerminalLog(stream: { write(text: string): unknown; readonly isTTY?: boolean }): Log {
  const paint: Paint = (style, text) =>
    stream.isTTY === true ? styleText(style, text, { validateStream: false }) : text;
  return (entry) => {
    stream.write(`${entry.kind === 'access' ? accessLine(entry, paint) : functionLine(entry, paint)}\n`);
  };
}

function accessLine(entry: Extract<LogEntry, { kind: 'access' }>, paint: Paint): string {
  const status = paint(entry.status >= 500 ? 'red' : entry.status >= 400 ? 'yellow' : 'green', String(entry.status));
  const duration = `${Math.round(entry.durationMilliseconds)} ms`;
  const gatewayError = entry.gatewayError === null ? null : paint('dim', `(${entry.gatewayError})`);
  const authorizer = entry.authorizer === null ? null : paint('dim', `authorizer ${entry.authorizer}`);
  return [entry.method, entry.path, status, duration, entry.cache, authorizer, gatewayError]
    .filter((part) => part !== null)
    .join(' ');
}

function functionLine(entry: Extract<LogEntry, { kind: 'function' }>, paint: Paint): string {
  const { stack, details } = takeStack(entry.details);
  const id = entry.requestId === null ? [] : [paint('dim', entry.requestId.slice(0, 8))];
  const fields = Object.keys(details).length === 0 ? [] : [paint('dim', JSON.stringify(details))];
  const line = [paint(LEVEL_STYLES[entry.level], entry.level), entry.function, entry.message, ...id, ...fields].join(
    ' ',
  );
  return stack === null ? line : `${line}\n${stack}`;
}

/** The stack of a logged error gets its own lines, because nobody can read it inside JSON. */
function takeStack(details: Readonly<Record<string, unknown>>): { stack: string | null; details: typeof details } {
  const { error, ...rest } = details;
  if (typeof error !== 'object' || error === null || !('stack' in error) || typeof error.stack !== 'string') {
    return { stack: null, details };
  }
  return { stack: error.stack, details: rest };
}
