import { describe, expect, it } from '@jest/globals';
import { isNetwork, within } from './networks.ts';

describe('networks', () => {
  it.each(['10.0.0.0/8', '192.0.2.1/32', '2001:db8::/32', '::/0'])('%s is one', (text) => {
    expect(isNetwork(text)).toBe(true);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', 'example.com/8', '2001:db8::/129', '10.0.0.0/8/8', ''])(
    '%s is none',
    (text) => expect(isNetwork(text)).toBe(false),
  );

  it('have the addresses in them, of their family', () => {
    const has = within(['203.0.113.0/24', '2001:db8::/32']);
    expect(['203.0.113.7', '2001:db8::7'].every(has)).toBe(true);
    expect(['203.0.114.7', '2001:db9::7', 'phone.example.com', ''].some(has)).toBe(false);
    expect(within([])('203.0.113.7')).toBe(false);
  });
});
