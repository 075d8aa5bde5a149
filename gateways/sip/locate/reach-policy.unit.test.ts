import { describe, expect, it } from '@jest/globals';
import type { AllowedNetworks } from '@tandem/actors/net';
import { type Addressee, createReachPolicy } from './reach-policy.ts';

const trunks = [
  { name: 'pbx', address: 'pbx.example.com:5060', allow: ['10.1.0.0/24'] },
  { name: 'carrier', address: '[fd00::5]:5060', allow: ['203.0.113.0/24'] },
];
const policy = (allowed: AllowedNetworks = false, sipUris?: 'any') => {
  const refuses = createReachPolicy({ allowed, trunks: trunks.map((trunk) => ({ ...trunk, sipUris })) });
  return (host: string, address = host, addressee?: Addressee) =>
    refuses({ host, port: 5060 }, address, addressee);
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
    // Trunks lead there, or list it: anybody's call there would be taken for ours.
    ['fd00::5', 'trunk'],
    ['10.1.0.7', 'trunk'],
    ['203.0.113.9', 'trunk'],
  ])('%s is refused as %s', (address, range) => {
    expect(policy()(address)).toBe(range);
  });

  it('counts the address of a name, not the name', () => {
    expect(policy()('rebound.example.com', '127.0.0.1')).toBe('loopback');
    expect(policy()('rebound.example.com', '203.0.113.9')).toBe('trunk');
  });

  it.each(['fd00::5', '10.1.0.7', '203.0.113.9'])(
    'takes %s in calls over trunks, and in dialogs with their providers',
    (address) => {
      expect(policy()(address, address, { trunk: 'pbx' })).toBeUndefined();
      expect(policy()(address, address, { peerAddress: '203.0.113.1' })).toBeUndefined();
      expect(policy()(address, address, { peerAddress: '8.8.8.8' })).toBe('trunk');
    },
  );

  it('takes the address that the name of a trunk has in calls over it, then and in what follows', () => {
    const refuses = policy();
    expect(refuses('10.9.0.1', '10.9.0.1', { trunk: 'pbx' })).toBe('private');
    expect(refuses('PBX.example.com', '10.9.0.1', { trunk: 'pbx' })).toBeUndefined();
    expect(refuses('10.9.0.1', '10.9.0.1', { peerAddress: '10.9.0.1' })).toBeUndefined();
    expect(refuses('10.9.0.1')).toBe('trunk');
  });

  it('takes what the operator allows, and what a trunk allows anybody', () => {
    expect([policy(true)('10.2.0.1'), policy(['10.2.0.0/16'])('10.2.0.1')]).toEqual([undefined, undefined]);
    expect(policy(['10.2.0.0/16'])('10.3.0.1')).toBe('private');
    expect(policy(true)('169.254.169.254')).toBe('metadata');
    expect(policy(false, 'any')('203.0.113.9')).toBeUndefined();
  });
});
