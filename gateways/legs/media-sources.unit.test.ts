import { describe, expect, it } from '@jest/globals';
import { createMediaSources } from './media-sources.ts';

const sourcesOf = createMediaSources([
  { name: 'carrier', address: '198.51.100.9:5060', allow: ['203.0.113.0/24'], latch: 'never' },
  { name: 'named', address: 'sip.example.com', allow: ['2001:db8::/32'], latch: 'any' },
]);

describe('whose media a leg takes', () => {
  it('is its trunk’s and that of the host that signals', () => {
    expect(sourcesOf('carrier', '192.0.2.7')).toEqual({
      latch: 'never',
      networks: ['203.0.113.0/24', '198.51.100.9/32', '192.0.2.7/32'],
    });
    expect(sourcesOf('named', '2001:db8::7')).toEqual({
      latch: 'any',
      networks: ['2001:db8::/32', '2001:db8::7/128'],
    });
  });

  it('is the host’s only without a trunk, or where the trunk is not known any more', () => {
    const ofHost = { latch: 'host', networks: ['192.0.2.7/32'] };
    expect(sourcesOf('', '192.0.2.7')).toEqual(ofHost);
    expect(sourcesOf('gone', '192.0.2.7')).toEqual(ofHost);
    expect(sourcesOf(undefined, undefined)).toEqual({ latch: 'host', networks: [] });
    expect(sourcesOf(undefined, 'phone.example.com')).toEqual({ latch: 'host', networks: [] });
  });
});
