import { logger, requestLogger } from '../../../shared/logger.ts';
import { useLogs } from '../../support/jest/logs.ts';

const logs = useLogs();

const SECRETS: readonly (readonly [string, unknown])[] = [
  ['a password', { password: 'hunter2' }],
  ['an authorization header', { headers: { Authorization: 'Bearer hunter2' } }],
  ['a refresh token', { tokens: { refreshToken: 'hunter2' } }],
  ['a cookie', { Cookie: 'session=hunter2' }],
  ['a body', { body: '{"pin":"hunter2"}' }],
  ['a private key', { privateKey: 'hunter2' }],
  ['an email address', { email: 'hunter2@example.com' }],
  ['a database address in a text', { note: 'cannot reach mongodb+srv://app:hunter2@db.example.com/lectern' }],
  ['a bearer token in a text', { note: 'sent Bearer hunter2.hunter2.hunter2' }],
  ['the link of a mail in a text', { note: 'see https://app.example.com/reset-password#token=hunter2' }],
  ['a JWT in a text', { note: 'got eyJhbGciOiJFUzI1NiJ9.hunter2.hunter2' }],
  ['the query of a stream in a text', { note: 'asked with Policy=hunter2&Signature=hunter2' }],
  ['cookies for media in a text', { note: 'CloudFront-Policy=hunter2; CloudFront-Signature=hunter2' }],
  [
    'a signed URL in a text',
    { note: 'https://m.example.com/a.mp3?Policy=hunter2&Signature=hunter2&Key-Pair-Id=hunter2' },
  ],
];

describe('a log line', () => {
  it.each(SECRETS)('never contains %s', (_, extra) => {
    logger().info('Something happened', extra as Record<string, unknown>);
    expect(logs.text()).toContain('Something happened');
    expect(logs.text()).toContain('[redacted]');
    expect(logs.text()).not.toContain('hunter2');
  });

  it('never contains a secret from an error or its cause', () => {
    const cause = new Error('mongodb://app:hunter2@db.example.com refused');
    logger().error('Request failed', { error: new Error('Bearer hunter2', { cause }) });
    expect(logs.text()).not.toContain('hunter2');
  });

  it('names the function and the request, and keeps values that are not secret', () => {
    requestLogger('id-7').info('Request refused', { code: 'not-found', status: 404 });
    expect(logs.lines()).toEqual([
      expect.objectContaining({ function: 'local', requestId: 'id-7', code: 'not-found', status: 404, level: 'INFO' }),
    ]);
  });
});
