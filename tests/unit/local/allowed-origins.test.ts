import { readAllowedOrigins } from '../../../local/http/allowed-origins.ts';

describe('ALLOWED_ORIGINS', () => {
  it('allows no origin by default', () => {
    expect([readAllowedOrigins({}), readAllowedOrigins({ ALLOWED_ORIGINS: '' })]).toEqual([[], []]);
  });

  it('lists the allowed origins', () => {
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
  ])('is rejected with the expected form if it contains %j, which no browser sends', (named) => {
    expect(() => readAllowedOrigins({ ALLOWED_ORIGINS: named })).toThrow('ALLOWED_ORIGINS must be origins such as');
  });
});
