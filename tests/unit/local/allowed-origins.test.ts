import { readAllowedOrigins } from '../../../local/http/allowed-origins.ts';

describe('the web origins that this machine’s system answers', () => {
  it('are none unless some are named', () => {
    expect([readAllowedOrigins({}), readAllowedOrigins({ ALLOWED_ORIGINS: '' })]).toEqual([[], []]);
  });

  it('are those that are named', () => {
    const named = 'http://localhost:5173,https://app.example.com';
    expect(readAllowedOrigins({ ALLOWED_ORIGINS: named })).toEqual([
      'http://localhost:5173',
      'https://app.example.com',
    ]);
  });

  it.each([
    'http://localhost:5173/',
    'localhost:5173',
    'http://localhost:5173, http://localhost:5174',
    'HTTP://localhost',
    '*',
    'null',
  ])('are refused with what they must be when one is %j, as no browser sends it', (named) => {
    expect(() => readAllowedOrigins({ ALLOWED_ORIGINS: named })).toThrow('ALLOWED_ORIGINS must be origins such as');
  });
});
