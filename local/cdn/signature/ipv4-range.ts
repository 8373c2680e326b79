import { BlockList, isIPv4 } from 'node:net';

/** A range in CIDR form (RFC 4632), such as `192.0.2.0/24`. One address is a range of 32 bits. */
export type Ipv4Range = BlockList;

/** Null if it is not such a range. IPv6 is not: CloudFront does not support it in policies. */
export function parseIpv4Range(cidr: string): Ipv4Range | null {
  const [, network = '', bits] = /^([\d.]+)\/(\d|[12]\d|3[0-2])$/.exec(cidr) ?? [];
  if (!isIPv4(network)) return null;
  const range = new BlockList();
  range.addSubnet(network, Number(bits), 'ipv4');
  return range;
}

/**
 * Tells whether the address of a socket is in a range. IPv6 addresses never are, except for mapped IPv4 ones (RFC
 * 4291).
 */
export function isInRange(address: string, range: Ipv4Range): boolean {
  const ipv4 = address.replace(/^::ffff:(?=[\d.]+$)/i, '');
  return isIPv4(ipv4) && range.check(ipv4, 'ipv4');
}
