import { describe, expect, it } from '@jest/globals';
import { routesTo } from './routes.ts';

const trunk = (name: string, ...prefixes: string[]) => ({
  ...{ name, prefixes, address: `${name}.example:5060`, transport: 'udp' },
});
const trunks = [
  trunk('world', '+'),
  trunk('america', '+1'),
  trunk('toll-free', '+1800', '+1888'),
  trunk('in'),
];
const names = (to: string): string[] => routesTo(to, trunks).map(({ trunk }) => trunk);

describe('the routes to a number', () => {
  it('are those of the trunks that reach it, the longest prefix first', () => {
    expect(names('+18005550100')).toEqual(['toll-free', 'america', 'world']);
    expect(names('+15550100')).toEqual(['america', 'world']);
    expect(names('+4930123')).toEqual(['world']);
  });

  it('are in the order of the configuration where prefixes are alike', () => {
    const alike = [trunk('second', '+1'), trunk('first', '+1')];
    expect(routesTo('+15550100', alike).map(({ trunk }) => trunk)).toEqual(['second', 'first']);
  });

  it('leave out trunks whose provider does not answer, unless there is no other', () => {
    const over = (...lost: string[]) =>
      routesTo('+15550100', trunks, new Set(lost)).map(({ trunk }) => trunk);
    expect(over('america')).toEqual(['world']);
    expect(over('america', 'world')).toEqual(['america', 'world']);
  });

  it('name the number at the trunk’s address', () => {
    expect(routesTo('+4930123', [{ ...trunk('tls', '+49'), transport: 'tls' }])).toEqual([
      { trunk: 'tls', uri: 'sip:+4930123@tls.example:5060;transport=tls' },
    ]);
  });

  it('escape what a URI may not have in it', () => {
    const [route] = routesTo('*72#', [trunk('codes', '*')]);
    expect(route!.uri).toBe('sip:*72%23@codes.example:5060;transport=udp');
  });

  it('are none where no trunk leads, and none by a trunk that only takes calls', () => {
    expect(names('15550100')).toEqual([]);
    expect(routesTo('+15550100', [trunk('in')])).toEqual([]);
  });

  it('to a SIP URI are that URI', () => {
    expect(routesTo('sip:anna@example.com', trunks)).toEqual([{ trunk: '', uri: 'sip:anna@example.com' }]);
    expect(routesTo('SIPS:anna@example.com', trunks)).toEqual([{ trunk: '', uri: 'SIPS:anna@example.com' }]);
  });
});
