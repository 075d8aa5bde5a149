import { describe, expect, it } from '@jest/globals';
import { advertisedBy, isSipRemote, parseSipListener } from './addresses.ts';

describe('a SIP listener', () => {
  it.each([
    ['udp:127.0.0.1:5060', { transport: 'udp', host: '127.0.0.1', port: 5060 }],
    ['tls:[::1]:0', { transport: 'tls', host: '::1', port: 0 }],
    [
      'udp:10.0.0.5:5060 as 203.0.113.7:15060',
      { host: '10.0.0.5', port: 5060, advertised: { host: '203.0.113.7', port: 15060 } },
    ],
    ['tcp:[::]:5060 as [2001:db8::7]:5060', { advertised: { host: '2001:db8::7', port: 5060 } }],
    ['tls:0.0.0.0:5061 as sip.example.com:5061', { advertised: { host: 'sip.example.com', port: 5061 } }],
  ])('is read from %s', (text, expected) => {
    expect(parseSipListener(text)).toMatchObject(expected);
  });

  it.each([
    'udp:sip.example.com:5060',
    ':127.0.0.1:5060',
    'udp:127.0.0.1',
    'udp:127.0.0.1:5060 as',
    'udp:127.0.0.1:5060 as 203.0.113.7',
    'udp:127.0.0.1:5060 as 203.0.113.7:0',
  ])('is not read from %s', (text) => {
    expect(parseSipListener(text)).toBeUndefined();
  });

  it('is told by what it says itself, else by the address for all of its family', () => {
    const told = (text: string, forAll?: string) => advertisedBy(parseSipListener(text)!, forAll);
    expect(told('udp:10.0.0.5:5060 as 203.0.113.7:15060', '203.0.113.8')).toEqual({
      host: '203.0.113.7',
      port: 15060,
    });
    expect(told('udp:10.0.0.5:5060', '203.0.113.8')).toEqual({ host: '203.0.113.8' });
    expect(told('udp:[2001:db8::5]:5060', '203.0.113.8')).toEqual({});
    expect(told('udp:[2001:db8::5]:5060', 'sip.example.com')).toEqual({ host: 'sip.example.com' });
    expect(told('udp:10.0.0.5:5060')).toEqual({});
  });
});

describe('where a SIP provider is', () => {
  it.each(['203.0.113.7', '203.0.113.7:5060', 'sip.example.com', 'sip.example.com:5061', '[2001:db8::7]'])(
    'may be %s',
    (text) => expect(isSipRemote(text)).toBe(true),
  );

  it.each(['', '203.0.113.700', 'sip.example.com:0', 'sip:sip.example.com', '2001:db8::7'])(
    'is not %s',
    (text) => expect(isSipRemote(text)).toBe(false),
  );
});
