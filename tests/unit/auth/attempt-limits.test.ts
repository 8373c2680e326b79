import { attemptCounter, knownNetworkHash, loginCounters } from '../../../functions/auth/limit/attempt-limits.ts';
import { networkOf } from '../../../functions/auth/limit/network.ts';

const KEY = 'a-limits-key-for-tests-of-some-length';

describe('a network', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['test-invoke-source-ip', 'test-invoke-source-ip'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('what a sign-in counts against', () => {
  const attempt = { emailKey: 'ada@example.com', network: '203.0.113.7', isKnown: false };

  it('is the account from this network, the account, and the network', () => {
    expect(loginCounters(KEY, attempt).map(({ attempts }) => attempts)).toEqual([10, 100, 100]);
  });

  it('is its own counter alone from a network that the account knows, which nobody elsewhere can fill', () => {
    const [own, ...shared] = loginCounters(KEY, { ...attempt, isKnown: true });
    expect(shared).toEqual([]);
    const elsewhere = loginCounters(KEY, { ...attempt, network: '198.51.100.1' });
    expect(elsewhere.map(({ id }) => id)).not.toContain(own.id);
  });

  it('cannot be read from what is stored', () => {
    for (const { id } of loginCounters(KEY, attempt)) expect(id).toMatch(/^[\w-]{22}$/);
    expect(attemptCounter(KEY, 'login of account', 'ada').id).not.toBe(
      attemptCounter(`${KEY}!`, 'login of account', 'ada').id,
    );
  });

  it('does not run together: where one part ends is part of the hash', () => {
    expect(knownNetworkHash(KEY, 'a', 'bc')).not.toBe(knownNetworkHash(KEY, 'ab', 'c'));
  });
});
