import { BlockList, isIP, isIPv6 } from 'node:net';

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

/** Whether a text is an IP network with its prefix length, such as `10.0.0.0/8` or `fd00::/8`. */
export const isNetwork = (text: string): boolean => {
  const [, base = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  return isIP(base) !== 0 && Number(bits) <= (isIPv6(base) ? 128 : 32);
};

/** Makes the test for whether an address is in one of these networks (see `isNetwork`); a name is in none. */
export const within = (networks: readonly string[]): ((address: string) => boolean) => {
  if (networks.length === 0) return () => false;
  const list = new BlockList();
  for (const network of networks) {
    const [base = '', bits] = network.split('/');
    list.addSubnet(base, Number(bits), familyOf(base));
  }
  return (address) => isIP(address) !== 0 && list.check(address, familyOf(address));
};
