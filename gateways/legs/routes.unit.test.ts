import { describe, expect, it } from '@jest/globals';
import { type OutboundTrunk, routesTo } from './routes.ts';

const trunk = (name: string, ...prefixes: string[]): OutboundTrunk => ({
  name,
  prefixes,
  address: `${name}.example:5060`,
  transport: 'udp',
});
const trunks = [
  trunk('world', '+'),
  trunk('america', '+1'),
  trunk('toll-free', '+1800', '+1888'),
  trunk('in'),
];
const over = (to: string, among: readonly OutboundTrunk[] = trunks, ...lost: string[]): string[] =>
  routesTo({ to, trunks: among, lost: new Set(lost) }).routes.map((route) => route.trunk);

describe('the routes to a number', () => {
  it('are those of the trunks that reach it, the longest prefix first', () => {
    expect(over('+18005550100')).toEqual(['toll-free', 'america', 'world']);
    expect(over('+15550100')).toEqual(['america', 'world']);
    expect(over('+4930123')).toEqual(['world']);
  });

  it('are in the order of the configuration where prefixes are alike', () => {
    expect(over('+15550100', [trunk('second', '+1'), trunk('first', '+1')])).toEqual(['second', 'first']);
  });

  it('leave out trunks whose provider does not answer, unless there is no other', () => {
    expect(over('+15550100', trunks, 'america')).toEqual(['world']);
    expect(over('+15550100', trunks, 'america', 'world')).toEqual(['america', 'world']);
  });

  it('name the number at the trunk’s address', () => {
    const tls = { ...trunk('tls', '+49'), transport: 'tls' };
    expect(routesTo({ to: '+4930123', trunks: [tls] })).toEqual({
      routes: [{ trunk: 'tls', uri: 'sip:+4930123@tls.example:5060;transport=tls' }],
    });
  });

  it('escape what a URI may not have in it', () => {
    const [route] = routesTo({ to: '*72#', trunks: [trunk('codes', '*')] }).routes;
    expect(route!.uri).toBe('sip:*72%23@codes.example:5060;transport=udp');
  });

  it('are none where no trunk leads, and none by a trunk that only takes calls', () => {
    expect(over('15550100')).toEqual([]);
    expect(over('+15550100', [trunk('in')])).toEqual([]);
  });
});

describe('the routes to a SIP URI', () => {
  it('are that URI', () => {
    for (const uri of ['sip:anna@example.com', 'SIPS:anna@example.com', 'sip:+882161234567@example.com'])
      expect(routesTo({ to: uri, trunks })).toEqual({ routes: [{ trunk: '', uri }] });
  });

  const carrier: OutboundTrunk = {
    name: 'carrier',
    address: '198.51.100.9:5070',
    transport: 'udp',
    prefixes: ['+1'],
    allow: ['198.51.100.0/24', '10.20.0.0/16'],
  };
  const refusal = (to: string, changes: Partial<OutboundTrunk> = {}): string | undefined =>
    routesTo({ to, trunks: [{ ...carrier, ...changes }] }).refused?.code;

  it.each([
    'sip:+15550142@198.51.100.9:5070',
    'sip:%2B15550142;npdi@198.51.100.9:5070;user=phone',
    'sip:anna@198.51.100.9:5070',
  ])('%s is a call over the trunk that it leads to, and takes its rules', (uri) => {
    expect(routesTo({ to: uri, trunks: [carrier] })).toEqual({ routes: [{ trunk: 'carrier', uri }] });
  });

  it.each([
    // A number that the trunk does not reach, however it is written.
    'sip:+882161234567@198.51.100.9:5070',
    'sip:00882161234567@198.51.100.9:5070',
    'sip:%2B882161234567@198.51.100.9:5070',
    'sip:%2b88-216-123-4567@198.51.100.9:5070',
    'sip:x882161234567@198.51.100.9:5070',
    'sip:anna@elsewhere.example:5070;maddr=198.51.100.8',
    // Another port, another host of the provider's networks.
    'sip:+15550142@198.51.100.9',
    'sip:+15550142@198.51.100.10:5070',
    'sip:x@10.20.3.4:6379;transport=tcp',
  ])('%s is refused', (uri) => {
    expect(refusal(uri)).toBe('account.trunk-not-for-uri');
  });

  it('counts hosts by name, whatever their case', () => {
    const named = { address: 'sip.carrier.example', allow: [] };
    expect(refusal('sip:+882161234567@SIP.Carrier.example', named)).toBe('account.trunk-not-for-uri');
    expect(refusal('sip:+15550142@sip.carrier.example:5060', named)).toBeUndefined();
    expect(refusal('sip:+15550142@sip.carrier.example:5062', named)).toBe('account.trunk-not-for-uri');
  });

  it('are any where the trunk says so', () => {
    const uri = 'sip:x@10.20.3.4:6379;transport=tcp';
    const any = { ...carrier, sipUris: 'any' as const };
    expect(routesTo({ to: uri, trunks: [any] })).toEqual({ routes: [{ trunk: '', uri }] });
  });
});

describe('the routes of a call as somebody else', () => {
  const any: OutboundTrunk = { ...trunk('lenient', '+'), callerIds: 'any' };
  const as = (to: string, among: readonly OutboundTrunk[]) =>
    routesTo({ to, trunks: among, foreignCallerId: '+442079460000' });

  it('are those of trunks that take any caller id, and of SIP URIs elsewhere', () => {
    expect(as('+15550142', [...trunks, any]).routes.map((route) => route.trunk)).toEqual(['lenient']);
    expect(as('sip:anna@example.com', trunks).routes).toHaveLength(1);
  });

  it('are refused where no trunk does', () => {
    expect(as('+15550142', trunks)).toMatchObject({
      routes: [],
      refused: { code: 'account.caller-id-not-owned', status: 403 },
    });
  });
});
