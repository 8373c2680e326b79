import type { LogEntry } from '../../../local/gateway/lambda/log.ts';
import { createTerminalLog } from '../../../local/gateway/lambda/terminal-log.ts';

function written(entry: LogEntry, isTTY = false): string {
  let text = '';
  createTerminalLog({ isTTY, write: (line) => (text += line) })(entry);
  return text;
}

const access: LogEntry = {
  kind: 'access',
  method: 'GET',
  path: '/v1/courses',
  status: 200,
  durationMilliseconds: 12.4,
  cache: 'hit',
  authorizer: null,
  requestId: '7b0b6a3e-1111-4222-8333-444455556666',
  gatewayError: null,
};

const line: LogEntry = {
  kind: 'function',
  function: 'courses',
  level: 'WARN',
  message: 'Slow answer',
  requestId: '7b0b6a3e-1111-4222-8333-444455556666',
  details: {},
};

describe('the terminal log', () => {
  it('writes one line for each request', () => {
    expect(written(access)).toBe('GET /v1/courses 200 12 ms hit\n');
  });

  it('shows whether the authorizer result was cached', () => {
    expect(written({ ...access, authorizer: 'miss' })).toBe('GET /v1/courses 200 12 ms hit authorizer miss\n');
  });

  it('shows why the gateway answered instead of a function', () => {
    expect(written({ ...access, status: 503, cache: null, gatewayError: 'INTEGRATION_FAILURE: Error: no' })).toBe(
      'GET /v1/courses 503 12 ms (INTEGRATION_FAILURE: Error: no)\n',
    );
  });

  it('shows the level, function, message and start of the request id', () => {
    expect(written(line)).toBe('WARN courses Slow answer 7b0b6a3e\n');
  });

  it('shows further fields as JSON, and a stack on its own lines', () => {
    const details = { attempt: 2, error: { name: 'TypeError', stack: 'TypeError: no\n    at handler' } };
    expect(written({ ...line, requestId: null, details })).toBe(
      'WARN courses Slow answer {"attempt":2}\nTypeError: no\n    at handler\n',
    );
  });

  it('uses colours only on a terminal', () => {
    expect(written(access, true)).toContain('\u001b[32m200\u001b[39m');
    expect(written(access)).not.toContain('\u001b');
  });
});
