import path from 'node:path';
import { readTemplate } from '../../local/gateway/template.ts';
import { variablesBy, variablesOf } from '../../local/sam/function-variables.ts';
import { functionNamed } from '../../local/sam/functions.ts';

const model = readTemplate(path.resolve(import.meta.dirname, '../../template.yaml'));

const supplies = {
  secrets: {
    CURSOR_KEY: 'cursor',
    REFRESH_KEY: 'refresh',
    RATE_LIMIT_KEY: 'limit',
    ACCESS_TOKEN_PRIVATE_KEY: 'private',
    ACCESS_TOKEN_PUBLIC_KEYS: 'public',
    SAMPLE_PASSWORD: 'password',
  },
  mongodbUri: 'mongodb://127.0.0.1/lectern',
  mediaUrl: 'http://127.0.0.1:3100',
  mail: { AWS_ENDPOINT_URL_SESV2: 'http://127.0.0.1:3200' },
};

const namesFor = (name: string) => new Set(Object.keys(variablesOf(functionNamed(model, name), supplies)));

describe('what `sam local` gives a function', () => {
  it('is the private key and mail for auth, which signs and writes', () => {
    expect(namesFor('auth')).toEqual(
      new Set([
        'ACCESS_TOKEN_PRIVATE_KEY',
        'ACCESS_TOKEN_PUBLIC_KEYS',
        'AWS_ENDPOINT_URL_SESV2',
        'MONGODB_URI',
        'RATE_LIMIT_KEY',
        'REFRESH_KEY',
      ]),
    );
  });

  it('is the public keys alone for the authorizer, which verifies', () => {
    expect(namesFor('authorizer')).toEqual(new Set(['ACCESS_TOKEN_PUBLIC_KEYS', 'MONGODB_URI']));
  });

  it('is the address of the media for courses, where they are served', () => {
    expect(namesFor('courses')).toEqual(new Set(['CURSOR_KEY', 'MEDIA_BASE_URL', 'MONGODB_URI']));
    const unserved = variablesOf(functionNamed(model, 'courses'), { ...supplies, mediaUrl: null });
    expect(Object.keys(unserved)).not.toContain('MEDIA_BASE_URL');
  });

  it('is under the function it is for, by the name that is asked for', () => {
    expect(variablesBy('logicalId', model.functions, supplies)['AuthorizerFunction']).toEqual(
      variablesBy('name', model.functions, supplies)['authorizer'],
    );
  });
});
