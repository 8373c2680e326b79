import { useAwsStandIn } from '../../support/aws/stand-in.ts';
import { useClock } from '../../support/jest/clock.ts';
import { useLogs } from '../../support/jest/logs.ts';

const clock = useClock();
const logs = useLogs();

let calls: { readonly names: readonly string[]; readonly decrypt: boolean }[];
let failing: boolean;
let silent: boolean;
let values: Readonly<Record<string, string>>;

useAwsStandIn('AWS_ENDPOINT_URL_SSM', ({ body }) => {
  const { Names, WithDecryption } = body as { readonly Names: readonly string[]; readonly WithDecryption: boolean };
  calls.push({ names: Names, decrypt: WithDecryption });
  if (silent) return null;
  if (failing) return { status: 400, body: { __type: 'AccessDeniedException', message: 'denied' } };
  return { body: { Parameters: Names.map((Name) => ({ Name, Value: values[Name] })), InvalidParameters: [] } };
});
beforeAll(() => {
  Object.assign(process.env, { A_PARAMETER: '/lectern/a', B_PARAMETER: '/lectern/b' });
});

/** A container that has just started: nothing is cached. */
let secret: (name: string) => Promise<string>;
let freshSecret: typeof secret;
let recentSecret: typeof secret;
beforeEach(async () => {
  calls = [];
  values = { '/lectern/a': 'value a', '/lectern/b': 'value b' };
  failing = false;
  silent = false;
  delete process.env['A'];
  jest.resetModules();
  ({ secret, freshSecret, recentSecret } = await import('../../../shared/secrets.ts'));
});

describe('the secrets of a function', () => {
  it('are read from Parameter Store in one call, decrypted, and cached', async () => {
    expect(await Promise.all([secret('A'), secret('B'), secret('A')])).toEqual(['value a', 'value b', 'value a']);
    expect(await secret('B')).toBe('value b');
    expect(calls).toEqual([{ names: ['/lectern/a', '/lectern/b'], decrypt: true }]);
  });

  it('can be plain variables on a developer’s machine, without a call', async () => {
    process.env['A'] = 'plain';
    expect(await secret('A')).toBe('plain');
    expect(calls).toEqual([]);
  });

  it('are unavailable while Parameter Store fails, and read by the next request', async () => {
    failing = true;
    await expect(secret('A')).rejects.toMatchObject({ code: 'unavailable' });
    failing = false;
    expect(await secret('A')).toBe('value a');
  });

  it('are unavailable while Parameter Store does not answer, and read by the next request', async () => {
    silent = true;
    await expect(secret('A')).rejects.toMatchObject({ code: 'unavailable' });
    silent = false;
    expect(await secret('A')).toBe('value a');
  });

  it('are read again, in one call, once they are five minutes old', async () => {
    await secret('A');
    values = { '/lectern/a': 'new a', '/lectern/b': 'new b' };
    clock.advance(299);
    expect(await secret('A')).toBe('value a');
    clock.advance(1);
    expect(await Promise.all([secret('A'), secret('B')])).toEqual(['new a', 'new b']);
    expect(calls).toHaveLength(2);
  });

  it.each(['fails', 'does not answer'])('stay when Parameter Store %s, which is logged', async (fault) => {
    await secret('A');
    values = { '/lectern/a': 'new a', '/lectern/b': 'new b' };
    [failing, silent] = [fault === 'fails', fault === 'does not answer'];
    clock.advance(300);
    expect(await secret('A')).toBe('value a');
    expect(logs.lines()).toMatchObject([{ level: 'ERROR', message: 'Setting not read again' }]);
    [failing, silent] = [false, false];
    expect(await secret('A')).toBe('value a');
    clock.advance(300);
    expect(await secret('A')).toBe('new a');
  });

  it('are named in the error when they are not configured', async () => {
    await expect(secret('C')).rejects.toThrow('C_PARAMETER is not set');
  });
});

describe('a fresh secret', () => {
  const both = { names: ['/lectern/a', '/lectern/b'], decrypt: true };

  it('has the current value, and refreshes all others in the same call', async () => {
    expect(await secret('A')).toBe('value a');
    values = { '/lectern/a': 'new a', '/lectern/b': 'new b' };
    expect(await freshSecret('A')).toBe('new a');
    expect(await Promise.all([secret('A'), secret('B')])).toEqual(['new a', 'new b']);
    expect(calls).toEqual([both, both]);
  });

  it('is read each time', async () => {
    await freshSecret('A');
    await freshSecret('A');
    expect(calls).toEqual([both, both]);
  });

  it('is unavailable when Parameter Store fails, and cached values stay', async () => {
    expect(await secret('A')).toBe('value a');
    failing = true;
    await expect(freshSecret('A')).rejects.toMatchObject({ code: 'unavailable' });
    expect(await secret('B')).toBe('value b');
  });

  it('can be a plain variable, without a call', async () => {
    process.env['A'] = 'plain';
    expect(await freshSecret('A')).toBe('plain');
    expect(calls).toEqual([]);
  });

  it('is named in the error when it is not configured', async () => {
    await expect(freshSecret('C')).rejects.toThrow('C_PARAMETER is not set');
  });
});

describe('a recent secret', () => {
  it('is read with all others in one call when the container starts', async () => {
    expect(await Promise.all([secret('A'), recentSecret('B')])).toEqual(['value a', 'value b']);
    clock.advance(4);
    expect(await recentSecret('A')).toBe('value a');
    expect(calls).toHaveLength(1);
  });

  it('has the current value in a container that read its secrets long ago', async () => {
    await secret('A');
    values = { '/lectern/a': 'new a', '/lectern/b': 'new b' };
    clock.advance(3600);
    expect(await recentSecret('B')).toBe('new b');
    expect(await secret('A')).toBe('new a');
  });

  it('keeps the cached value when Parameter Store fails, and is unavailable without one', async () => {
    failing = true;
    await expect(recentSecret('A')).rejects.toMatchObject({ code: 'unavailable' });
    failing = false;
    await secret('A');
    failing = true;
    clock.advance(3600);
    expect(await recentSecret('B')).toBe('value b');
  });
});
