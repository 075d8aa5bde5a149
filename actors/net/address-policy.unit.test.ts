import { describe, expect, it } from '@jest/globals';
import { createAddressPolicy } from './address-policy.ts';

const METADATA = ['169.254.169.254', '100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254'];
const OWN = [
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '127.0.0.1',
  '127.8.8.8',
  '169.254.1.1',
  '100.64.0.1',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'fd12::1',
];
const NOWHERE = [
  '0.0.0.0',
  '0.1.2.3',
  '::',
  '224.0.0.1',
  'ff02::1',
  '255.255.255.255',
  '240.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2001::1',
  'fec0::1',
  '100::1',
  '64:ff9b:1::a00:1',
];
const WRAPPED = [
  '::ffff:10.0.0.1',
  '::ffff:7f00:1',
  '::7f00:1',
  '::a9fe:a9fe',
  '::ffff:0:10.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b::a9fe:a9fe',
];
const PUBLIC = ['8.8.8.8', '1.1.1.1', '2606:4700::1111', '64:ff9b::808:808', '::ffff:8.8.8.8'];

describe('with no private networks allowed', () => {
  const refuses = createAddressPolicy(false);
  it.each([...METADATA, ...OWN, ...NOWHERE, ...WRAPPED])('%s is refused', (address) => {
    expect(refuses(address)).toBeDefined();
  });
  it.each(PUBLIC)('%s is reached', (address) => expect(refuses(address)).toBeUndefined());
  it.each(['', 'localhost', '10.0.0', '1.2.3.4.5', 'x::1'])('%j is no address', (text) => {
    expect(refuses(text)).toBe('invalid');
  });
});

describe('with private networks allowed', () => {
  const refuses = createAddressPolicy(true);
  it.each([...OWN, ...PUBLIC, '::ffff:10.0.0.1'])('%s is reached', (address) => {
    expect(refuses(address)).toBeUndefined();
  });
  it.each([...METADATA, ...NOWHERE, '::ffff:169.254.169.254'])('%s is still refused', (address) => {
    expect(refuses(address)).toBeDefined();
  });
});

describe('with networks listed', () => {
  const refuses = createAddressPolicy(['10.1.0.0/16', 'fd12::/32', '169.254.169.254/32']);
  it.each(['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1', '169.254.169.254', '8.8.8.8'])(
    '%s is reached',
    (address) => {
      expect(refuses(address)).toBeUndefined();
    },
  );
  it.each(['10.2.0.1', '127.0.0.1', 'fd13::1', '169.254.169.253'])('%s is refused', (address) => {
    expect(refuses(address)).toBeDefined();
  });
  it.each(['10.0.0.0', '10.0.0.0/33', 'private'])('%s is no network', (network) => {
    expect(() => createAddressPolicy([network])).toThrow(
      expect.objectContaining({ code: 'document.bad-network' }),
    );
  });
});
