import { parseBridge } from '../../../local/sam/container/bridge.ts';

describe("Docker's bridge", () => {
  it('has the gateway that Docker reports', () => {
    expect(parseBridge([{ Subnet: '10.200.0.0/16', Gateway: '10.200.0.9' }])?.host).toBe('10.200.0.9');
  });

  it('has its first address as the gateway if an older engine reports none', () => {
    expect(parseBridge([{ Subnet: '172.17.0.0/16' }])?.host).toBe('172.17.0.1');
  });

  it('is the IPv4 network if there are several', () => {
    const config = [{ Subnet: 'fd00::/64', Gateway: 'fd00::1' }, { Subnet: '172.18.0.0/16' }];
    expect(parseBridge(config)?.host).toBe('172.18.0.1');
  });

  it('contains only the addresses of its containers', () => {
    const containers = parseBridge([{ Subnet: '172.17.0.0/16' }])?.containers;
    expect(containers?.check('172.17.3.4')).toBe(true);
    expect(containers?.check('192.168.1.20')).toBe(false);
  });

  it.each([[null], [[]], [[{ Subnet: 'fd00::/64' }]]])('is null for %j', (config) => {
    expect(parseBridge(config)).toBeNull();
  });
});
