import { describe, expect, it } from '@jest/globals';
import { readUriHeaders, splitUri } from './uri-headers.ts';

describe('a SIP URI with headers', () => {
  it.each([
    ['sip:anna@example.com', undefined],
    ['sip:anna@example.com;transport=tcp?x-a=1', 'x-a=1'],
    ['sip:who?@example.com', undefined],
    ['sip:example.com?x-a=1', 'x-a=1'],
    ['sip:anna@example.com?', ''],
  ])('%s has the headers %s', (uri, headers) => {
    expect(splitUri(uri).headers).toBe(headers);
  });

  it('says them in order, with their escapes replaced', () => {
    expect(readUriHeaders('x-customer=Ann%20%26%20s%C3%B6hne&X-Empty=&x-customer=2')).toEqual([
      { name: 'x-customer', value: 'Ann & söhne' },
      { name: 'X-Empty', value: '' },
      { name: 'x-customer', value: '2' },
    ]);
  });

  it('may have User-to-User among them (RFC 7433)', () => {
    expect(readUriHeaders('User-to-User=48656c6c6f%3Bencoding%3Dhex&x-order=7')).toEqual([
      { name: 'User-to-User', value: '48656c6c6f;encoding=hex' },
      { name: 'x-order', value: '7' },
    ]);
  });

  it.each([
    ['nothing', ''],
    ['a name without a value', 'x-a'],
    ['a name that is not the application’s', 'Route=1'],
    ['a name that is the platform’s', 'X-Tandem-Region=ie1'],
    ['an escaped name', 'x-%54andem=1'],
    ['a name that is too long', `x-${'a'.repeat(63)}=1`],
    ['a line break', 'x-a=1%0d%0aRoute:%20evil'],
    ['half a line break', 'x-a=1%0Ax'],
    ['a zero byte', 'x-a=%00'],
    ['what is no UTF-8', 'x-a=%ff'],
    ['half an escape', 'x-a=%4'],
    ['a space', 'x-a=1 2'],
    ['too much', `x-a=${'1'.repeat(1020)}`],
    ['too many', Array(33).fill('x-a=1').join('&')],
  ])('is refused with %s', (_what, text) => {
    expect(readUriHeaders(text)).toEqual(expect.any(String));
  });
});
