import path from 'node:path';
import { readParameters } from '../../tools/template/read-template.ts';
import { brokenRules } from '../../tools/template/rules.ts';

const templateFile = path.resolve(import.meta.dirname, '../../template.yaml');

describe('AllowedOrigins', () => {
  it.each([
    '',
    'https://app.example.com',
    'https://app.example.com,https://admin.example.com',
    'https://app.example.com:8443,http://localhost:5173,http://127.0.0.1',
  ])('may be %p', (AllowedOrigins) => {
    expect(readParameters(templateFile, { AllowedOrigins })).toContainEqual(
      expect.objectContaining({ name: 'AllowedOrigins', value: AllowedOrigins }),
    );
  });

  it.each([
    '*',
    'null',
    'https://*.example.com',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://app.example.com,',
    ',https://app.example.com',
    'https://app.example.com, https://admin.example.com',
    'https://app.example.com https://admin.example.com',
    'https://app.example.com,*',
    'https://app.example.com:',
    'https://App.example.com',
    'https://user@app.example.com',
    'https://app.example.com?x=1',
    'app.example.com',
    'ftp://app.example.com',
    'https://',
    'https://app.example.comhttps://admin.example.com',
    'https://app.example.com\n',
  ])('may not be %p', (AllowedOrigins) => {
    expect(() => readParameters(templateFile, { AllowedOrigins })).toThrow('must be origins with commas between');
  });
});

describe('ParameterPrefix', () => {
  it.each(['lectern', '/lectern/', '//', '/', '/a b'])('may not be %p', (ParameterPrefix) => {
    expect(() => readParameters(templateFile, { ParameterPrefix })).toThrow('ParameterPrefix');
  });
});

describe('the rules of the template', () => {
  const OWN = {
    AppUrl: 'https://app.school.test',
    MailFrom: 'hello@school.test',
    MailIdentity: 'school.test',
    TokenAudience: 'https://api.school.test/prod',
  };

  it('allow the examples in dev', () => {
    expect(brokenRules(templateFile, {})).toEqual([]);
    expect(brokenRules(templateFile, { Environment: 'dev' })).toEqual([]);
  });

  it.each(['prod', 'staging', 'dev2'])('refuse each example in %s', (Environment) => {
    expect(brokenRules(templateFile, { Environment })).toHaveLength(4);
    expect(brokenRules(templateFile, { Environment, ...OWN })).toEqual([]);
    for (const name of ['AppUrl', 'MailFrom', 'MailIdentity', 'TokenAudience'] as const) {
      const { [name]: _, ...others } = OWN;
      expect(brokenRules(templateFile, { Environment, ...others })).toEqual([expect.stringContaining(name)]);
    }
  });

  it('refuse a domain without a certificate', () => {
    expect(brokenRules(templateFile, { MediaDomain: 'media.example.com' })).toEqual([
      'MediaDomain needs MediaCertificateArn.',
    ]);
  });
});
