import { describe, expect, it } from '@jest/globals';
import { formatVia, parseVia } from './via.ts';

describe('parseVia', () => {
  it.each([
    ['SIP/2.0/UDP a.example.com', 'UDP', 'a.example.com', undefined],
    ['SIP/2.0/tls 192.0.2.1:5061;branch=z9hG4bK1;rport', 'TLS', '192.0.2.1', 5061],
    ['SIP  /  2.0 /\tTCP   [2001:db8::1] : 5060 ; branch = 1', 'TCP', '2001:db8::1', 5060],
    ['SIP/2.0/X-New host', 'X-NEW', 'host', undefined],
  ] as const)('reads %s', (text, transport, host, port) => {
    expect(parseVia(text)).toMatchObject({ transport, host, port });
  });

  it.each([
    '',
    'SIP/2.0/UDP',
    'SIP/2.0/UDP ',
    'SIP/3.0/UDP a',
    'HTTP/2.0/UDP a',
    'SIP/2.0/UDP a b',
    'SIP/2.0/UDP a:x',
    'SIP/2.0/UDP a;;branch=1',
    'SIP/2.0/UDP a;branch=1;branch=2',
    'SIP/2.0/UDP ;branch=1',
    'SIP/2.0/U"P a',
  ])('refuses %j', (text) => {
    expect(() => parseVia(text)).toThrow(/malformed in its Via/);
  });

  it('writes what it has read', () => {
    const text = 'SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bK1;rport;__proto__=1';
    expect(formatVia(parseVia(text))).toBe(text);
  });
});
