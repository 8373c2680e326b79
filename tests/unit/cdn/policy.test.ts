import { parseIpv4Range } from '../../../local/cdn/signature/ipv4-range.ts';
import { parsePolicy } from '../../../local/cdn/signature/policy.ts';
import { parseResourcePattern, sectionsOf } from '../../../local/cdn/signature/resource-pattern.ts';

const EXPIRES = 1_800_000_000;
const lessThan = { DateLessThan: { 'AWS:EpochTime': EXPIRES } };
const statement = { Resource: 'http://h/*', Condition: lessThan };

const read = (policy: unknown) => parsePolicy(Buffer.from(JSON.stringify(policy)));

describe('a custom policy', () => {
  it('can contain white space, and its conditions in any order', () => {
    const condition = {
      IpAddress: { 'AWS:SourceIp': '192.0.2.0/24' },
      DateGreaterThan: { 'AWS:EpochTime': EXPIRES - 1 },
      ...lessThan,
    };
    const text = `${JSON.stringify({ Statement: [{ Condition: condition, Resource: '*' }] }, null, 2)}\r\n`;
    expect(parsePolicy(Buffer.from(text))).toMatchObject({ dateLessThan: EXPIRES, dateGreaterThan: EXPIRES - 1 });
  });

  it.each([
    ['no statement', { Statement: [] }],
    ['two statements', { Statement: [statement, statement] }],
    ['a statement outside of a list', { Statement: statement }],
    ['names in lower case', { statement: [statement] }],
    ['an additional field', { Version: '2012-10-17', Statement: [statement] }],
    ['an additional field in its statement', { Statement: [{ Effect: 'Allow', ...statement }] }],
    ['no condition', { Statement: [{ Resource: '*' }] }],
    ['no DateLessThan', { Statement: [{ Resource: '*', Condition: { DateGreaterThan: { 'AWS:EpochTime': 1 } } }] }],
    ['an additional condition', { Statement: [{ Resource: '*', Condition: { ...lessThan, StringLike: {} } }] }],
    ['a date in quotes', { Statement: [{ Condition: { DateLessThan: { 'AWS:EpochTime': `${EXPIRES}` } } }] }],
    ['a fractional date', { Statement: [{ Condition: { DateLessThan: { 'AWS:EpochTime': EXPIRES + 0.5 } } }] }],
    ['a date in milliseconds', { Statement: [{ Condition: { DateLessThan: { 'AWS:EpochTime': EXPIRES * 1000 } } }] }],
    ['a negative date', { Statement: [{ Condition: { DateLessThan: { 'AWS:EpochTime': -1 } } }] }],
    ['another date condition', { Statement: [{ Condition: { DateLessThan: { 'aws:CurrentTime': '2030-01-01' } } }] }],
    ['two resources', { Statement: [{ ...statement, Resource: ['http://h/a', 'http://h/b'] }] }],
    ['a resource without its protocol', { Statement: [{ ...statement, Resource: 'h/a' }] }],
    ['two IP ranges', ipAddress(['192.0.2.0/24', '198.51.100.0/24'])],
    ['an address without a prefix length', ipAddress('192.0.2.10')],
    ['an IPv6 range', ipAddress('2001:db8::/32')],
    ['null', null],
    ['a list', [statement]],
  ])('is malformed with %s', (_label, policy) => {
    expect(read(policy)).toBeNull();
  });

  it('is malformed if it is not JSON or not UTF-8', () => {
    const text = JSON.stringify({ Statement: [{ ...statement, Resource: 'http://h/\u00e9' }] });
    expect(parsePolicy(Buffer.from(text))).not.toBeNull();
    expect(parsePolicy(Buffer.from(`${text}}`))).toBeNull();
    expect(parsePolicy(Buffer.from(text, 'latin1'))).toBeNull();
    expect(parsePolicy(Buffer.alloc(0))).toBeNull();
  });
});

function ipAddress(range: unknown): object {
  return { Statement: [{ Condition: { ...lessThan, IpAddress: { 'AWS:SourceIp': range } } }] };
}

describe('an IPv4 range', () => {
  it.each([
    '192.0.2.0',
    '192.0.2.0/33',
    '192.0.2.0/',
    '192.0.2.0/024',
    '192.0.2.0/-1',
    '192.0.2/24',
    '192.0.2.256/24',
    '192.0.02.1/24',
    ' 192.0.2.0/24',
    '192.0.2.0/24\n',
    '::ffff:192.0.2.0/120',
    '/24',
    '',
  ])('cannot be %j', (range) => {
    expect(parseIpv4Range(range)).toBeNull();
  });

  it('can be written with any of its addresses', () => {
    expect(parseIpv4Range('192.168.0.77/24')?.check('192.168.0.1')).toBe(true);
  });
});

describe('the resource of a policy', () => {
  const matches = (resource: string, url: string) => parseResourcePattern(resource)?.(sectionsOf(url)) ?? null;

  // The examples of "Create a signed URL using a custom policy", Wildcard characters.
  it.each([
    ['https://www.example.com/hello*world', 'https://www.example.com/helloworld', true],
    ['https://www.example.com/hello*world', 'https://www.example.com/hello-world', true],
    ['https://www.example.com/hello*world', 'https://www.example.com/hello?world', false],
    ['http://example.com/hello*', 'http://example.com/hello/there?a=b', true],
    ['http://example.com/hello*\\?*', 'http://example.com/hello?a=b', true],
    ['http://example.com/hello*\\?*', 'http://example.com/hello', true],
    ['http://example.com*', 'http://example.com/', true],
    ['http://example.com*', 'http://example.com.evil.example/a?b', true],
    ['http://example.com*', 'https://example.com/', false],
    ['*example.com', 'https://www.example.com/', true],
    ['*example.com', 'https://www.example.com/a', false],
    ['*', 'http://any.example/at/all?of=it', true],
    ['https://*', 'https://any.example/at/all?of=it', true],
    ['https://*', 'http://any.example/', false],
    [
      'https://d111111abcdef8.cloudfront.net/*game_download.zip*',
      'https://d111111abcdef8.cloudfront.net/game_download.zip',
      true,
    ],
    [
      'https://d111111abcdef8.cloudfront.net/*game_download.zip*',
      'https://d111111abcdef8.cloudfront.net/example_game_download.zip?license=yes',
      true,
    ],
    [
      'https://d111111abcdef8.cloudfront.net/images/horizon.jpg\\?size=large&license=yes',
      'https://d111111abcdef8.cloudfront.net/images/horizon.jpg?size=large&license=yes',
      true,
    ],
    [
      'https://d111111abcdef8.cloudfront.net/images/horizon.jpg?size=large&license=yes',
      'https://d111111abcdef8.cloudfront.net/images/horizon.jpg?size=large&license=yes',
      true,
    ],
  ])('%s, for %s: %s', (resource, url, expected) => {
    expect(matches(resource, url)).toBe(expected);
  });

  it.each([
    ['*://h/a', 'http://h/a', true],
    ['*://h/a', 'https://h/a', true],
    ['http://h:3100/a', 'http://h/a', false],
    ['http://h/a', 'http://h/a?x=1', false],
    ['http://h/a', 'http://h/a?', false],
    ['http://h/a', 'http://h/A', false],
    ['http://h/a', 'http://h/ab', false],
    ['http://h/a\\?*', 'http://h/ab?x', false],
    ['http://h/media/x/*', 'http://h/media/x/720p/1.ts', true],
    ['http://h/media/x/*', 'http://h/media/x', false],
    ['http://h/media/x/*', 'http://h/media/xy/1.ts', false],
    ['http://h/media/x/*', 'http://h.evil/media/x/1.ts', false],
    ['http://h/media/x/*', 'http://evil/?http://h/media/x/1.ts', false],
    ['http://h/seg-?.ts', 'http://h/seg-1.ts', true],
    ['http://h/seg-?.ts', 'http://h/seg-.ts', false],
    ['http://h/seg-?.ts', 'http://h/seg-12.ts', false],
    ['http://h/seg-?.ts', 'http://h/seg-?.ts', true],
    ['http://h/a?*', 'http://h/a', false],
    ['http://h/*/b/*.ts', 'http://h/a/b/b/c/d.ts', true],
    ['http://h/*.mp4', 'http://h/a/b.mp4?x=1', false],
    ['http://h/[a]', 'http://h/a', false],
    ['http://h/a.b', 'http://h/axb', false],
  ])('%s, for %s: %s', (resource, url, expected) => {
    expect(matches(resource, url)).toBe(expected);
  });

  it.each(['', '/media/a', 'h/a', 'ftp://h/a', 'http*://h/a', 'HTTP://h/a', ' http://h/a', '?http://h/a'])(
    'cannot start like %j',
    (resource) => {
      expect(parseResourcePattern(resource)).toBeNull();
    },
  );

  it('is matched in bounded time, even with many asterisks', () => {
    expect(matches(`http://h/${'*a'.repeat(500)}b`, `http://h/${'a'.repeat(8000)}`)).toBe(false);
  });
});
