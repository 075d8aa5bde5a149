import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Addresses that only a network of the peer's own knows (RFC 1918, 6598, 3927, 4193, 4291). */
const ranges = new BlockList();
ranges.addSubnet('10.0.0.0', 8);
ranges.addSubnet('172.16.0.0', 12);
ranges.addSubnet('192.168.0.0', 16);
ranges.addSubnet('100.64.0.0', 10);
ranges.addSubnet('169.254.0.0', 16);
ranges.addSubnet('127.0.0.0', 8);
ranges.addAddress('0.0.0.0');
ranges.addAddress('::1', 'ipv6');
ranges.addSubnet('fc00::', 7, 'ipv6');
ranges.addSubnet('fe80::', 10, 'ipv6');

/** Whether a host cannot be reached by its address from outside the peer's network; `.invalid` is what browsers write. */
export const isPrivateHost = (host: string): boolean => {
  if (isIPv4(host)) return ranges.check(host, 'ipv4');
  if (isIPv6(host)) return ranges.check(host, 'ipv6');
  const name = host.toLowerCase();
  return name === 'localhost' || name.endsWith('.invalid') || name.endsWith('.local');
};
