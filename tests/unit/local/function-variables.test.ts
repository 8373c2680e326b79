import path from 'node:path';
import { variablesByFunction, variablesOf } from '../../../local/function-variables.ts';
import { functionNamed } from '../../../tools/template/model.ts';
import { readTemplate } from '../../../tools/template/read-template.ts';

const model = readTemplate(path.resolve(import.meta.dirname, '../../../template.yaml'));

const settings = {
  secrets: {
    CURSOR_KEY: 'cursor',
    REFRESH_KEY: 'refresh',
    RATE_LIMIT_KEY: 'limit',
    ACCESS_TOKEN_PRIVATE_KEY: 'private',
    ACCESS_TOKEN_PUBLIC_KEYS: 'public',
    FEED_KEY: 'feed',
    MEDIA_SIGNING_KEY: 'sign',
    MEDIA_PUBLIC_KEY_A: 'a public key',
    MEDIA_PUBLIC_KEY_B: 'none',
    SAMPLE_PASSWORD: 'password',
  },
  mongodbUri: 'mongodb://127.0.0.1/lectern',
  mediaUrl: 'http://127.0.0.1:3100',
  apiUrl: null,
  mail: { AWS_ENDPOINT_URL_SESV2: 'http://127.0.0.1:3200' },
};

const namesFor = (name: string) => new Set(Object.keys(variablesOf(functionNamed(model, name), settings)));

describe('the variables of a local function', () => {
  it('include the private key and mail settings for auth', () => {
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

  it('include only the public keys for the authorizer', () => {
    expect(namesFor('authorizer')).toEqual(new Set(['ACCESS_TOKEN_PUBLIC_KEYS', 'MONGODB_URI']));
  });

  it('include the media URL for courses, if media are served', () => {
    expect(namesFor('courses')).toEqual(new Set(['CURSOR_KEY', 'MEDIA_BASE_URL', 'MONGODB_URI']));
    const unserved = variablesOf(functionNamed(model, 'courses'), { ...settings, mediaUrl: null });
    expect(Object.keys(unserved)).not.toContain('MEDIA_BASE_URL');
  });

  it('include the media signing key and both key ids for the functions that sign URLs', () => {
    const signing = [
      'ACCESS_TOKEN_PUBLIC_KEYS',
      'MEDIA_BASE_URL',
      'MEDIA_KEY_PAIR_IDS',
      'MEDIA_SIGNING_KEY',
      'MONGODB_URI',
    ];
    expect(namesFor('media-url')).toEqual(new Set(signing));
    expect(namesFor('podcast')).toEqual(new Set([...signing, 'FEED_KEY']));
    expect(variablesOf(functionNamed(model, 'podcast'), { ...settings, apiUrl: 'http://a' })['API_URL']).toBe(
      'http://a',
    );
  });

  it('are listed by name or by logical id', () => {
    expect(variablesByFunction('logicalId', model.functions, settings)['AuthorizerFunction']).toEqual(
      variablesByFunction('name', model.functions, settings)['authorizer'],
    );
  });
});
