import { describe, expect, it } from '@jest/globals';
import type { AllowedNetworks } from '@tandem/actors/documents/address-policy.ts';
import { createReachPolicy } from './reach-policy.ts';

const trunks = [
  { address: 'pbx.example.com:5060', allow: ['10.1.0.0/24'] },
  { address: '[fd00::5]:5060', allow: ['203.0.113.0/24'] },
];
const policy = (allowed: AllowedNetworks = false) => {
  const refuses = createReachPolicy({ allowed, trunks });
  return (host: string, address = host) => refuses({ host, port: 5060 }, address);
};

describe('where SIP requests are sent', () => {
  it.each([
    ['8.8.8.8', undefined],
    ['2606:4700::1', undefined],
    ['127.0.0.1', 'loopback'],
    ['10.2.0.1', 'private'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['fd00::6', 'uniqueLocal'],
    ['224.0.0.1', 'multicast'],
    // Trunks lead there, or list it.
    ['fd00::5', undefined],
    ['10.1.0.7', undefined],
    ['203.0.113.9', undefined],
  ])('%s is refused as %s', (address, range) => {
    expect(policy()(address)).toBe(range);
  });

  it('counts the address of a name, not the name', () => {
    expect(policy()('rebound.example.com', '127.0.0.1')).toBe('loopback');
  });

  it('takes the address that the name of a trunk has, then and in what follows', () => {
    const refuses = policy();
    expect(refuses('10.9.0.1')).toBe('private');
    expect(refuses('PBX.example.com', '10.9.0.1')).toBeUndefined();
    expect(refuses('10.9.0.1')).toBeUndefined();
  });

  it('takes what the operator allows', () => {
    expect([policy(true)('10.2.0.1'), policy(['10.2.0.0/16'])('10.2.0.1')]).toEqual([undefined, undefined]);
    expect(policy(['10.2.0.0/16'])('10.3.0.1')).toBe('private');
    expect(policy(true)('169.254.169.254')).toBe('metadata');
  });
});
