import { attemptCounter, knownNetworkHash, loginCounters } from '../../../functions/auth/limit/attempt-limits.ts';
import { networkOf } from '../../../functions/auth/limit/network.ts';
import { SECRETS } from '../../support/keys/secrets.ts';

const { RATE_LIMIT_KEY: KEY } = SECRETS;

describe('the network', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['test-invoke-source-ip', 'test-invoke-source-ip'],
  ])('of the address %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('the counters of a sign-in', () => {
  const attempt = { emailKey: 'ada@example.com', network: '203.0.113.7', isKnown: false };

  it('are for the account from this network, the account, and the network', () => {
    expect(loginCounters(KEY, attempt).map(({ attempts }) => attempts)).toEqual([10, 100, 100]);
  });

  it('are reduced to one for a known network, which nobody on another network can exhaust', () => {
    const [own, ...shared] = loginCounters(KEY, { ...attempt, isKnown: true });
    expect(shared).toEqual([]);
    const elsewhere = loginCounters(KEY, { ...attempt, network: '198.51.100.1' });
    expect(elsewhere.map(({ id }) => id)).not.toContain(own.id);
  });

  it('have ids that reveal nothing and depend on the key', () => {
    for (const { id } of loginCounters(KEY, attempt)) expect(id).toMatch(/^[\w-]{22}$/);
    expect(attemptCounter(KEY, 'login of account', 'ada').id).not.toBe(
      attemptCounter(`${KEY}!`, 'login of account', 'ada').id,
    );
  });

  it('keep the parts of the hashed input apart', () => {
    expect(knownNetworkHash(KEY, 'a', 'bc')).not.toBe(knownNetworkHash(KEY, 'ab', 'c'));
  });
});
