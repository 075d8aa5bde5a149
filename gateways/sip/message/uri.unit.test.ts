import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { unescapeUri } from './syntax.ts';
import { formatUri, parseUri, type SipUri } from './uri.ts';

const sip = (text: string): SipUri => {
  const uri = parseUri(text, 'test');
  if (uri.scheme !== 'sip' && uri.scheme !== 'sips') throw new Error(`${text} is no SIP URI`);
  return uri;
};

describe('parseUri', () => {
  it('takes a SIP URI apart', () => {
    const uri = sip('sip:+1-555:secret@192.0.2.1:5070;transport=tcp;lr?Subject=hi%20there&Replaces=a');
    expect(uri).toMatchObject({
      scheme: 'sip',
      user: '+1-555',
      password: 'secret',
      host: '192.0.2.1',
      port: 5070,
    });
    expect([...uri.parameters]).toEqual([
      ['transport', 'tcp'],
      ['lr', undefined],
    ]);
    expect([...uri.headers]).toEqual([
      ['Subject', 'hi%20there'],
      ['Replaces', 'a'],
    ]);
  });

  it.each([
    ['SIPS:a@b', 'sips', 'a', 'b', undefined],
    ['sip:example.com', 'sip', undefined, 'example.com', undefined],
    ['sip:[2001:db8::1]:5061', 'sip', undefined, '2001:db8::1', 5061],
    ['sip:a;b=c?d@example.com.', 'sip', 'a;b=c?d', 'example.com.', undefined],
    ['sip:#31#15550100@h', 'sip', '#31#15550100', 'h', undefined],
    ['sip:sip_gateway-1:5060', 'sip', undefined, 'sip_gateway-1', 5060],
  ] as const)('reads %s', (text, scheme, user, host, port) => {
    expect(sip(text)).toMatchObject({ scheme, user, host, port });
  });

  it('reads telephone numbers without their separators', () => {
    expect(parseUri('tel:+1-(555).0100;phone-context=example.com', 'test')).toMatchObject({
      scheme: 'tel',
      number: '+15550100',
      parameters: new Map([['phone-context', 'example.com']]),
    });
  });

  it('leaves URIs of other schemes as they are', () => {
    expect(parseUri('urn:service:sos', 'test')).toEqual({ scheme: 'other', text: 'urn:service:sos' });
  });

  it.each([
    '',
    'example.com',
    ':a',
    '1sip:a@b',
    'sip:',
    'sip:@b',
    'sip:a@',
    'sip:a@b@c',
    'sip:a b@c',
    'sip:a%4@b',
    'sip:a@b:',
    'sip:a@b:70000',
    'sip:a@b:5a',
    'sip:a@[::1',
    'sip:a@[::1]5060',
    'sip:a@[192.0.2.1]',
    'sip:a@::1',
    'sip:a@-b',
    'sip:a@b;',
    'sip:a@b;;lr',
    'sip:a@b;transport=udp;TRANSPORT=tcp',
    'sip:a@b;x=<y>',
    'sip:a@b?',
    'sip:a@b?x',
    'sip:a@b?x=y&',
    'tel:',
    'tel:+',
    'tel:example',
    'http://a b',
    `sip:${'a'.repeat(2_050)}@b`,
    `sip:a@b${';x=1'.repeat(70)}`,
  ])('refuses %j', (text) => {
    expect(() => parseUri(text, 'Contact')).toThrow(/malformed in its Contact/);
  });

  it('takes names of object properties for parameters', () => {
    const { parameters } = sip('sip:a@b;__proto__=x;constructor');
    expect([...parameters.keys()]).toEqual(['__proto__', 'constructor']);
  });

  it('writes every URI so that it reads the same', () => {
    const user = fc.string({ unit: fc.constantFrom(..."aZ9-_.!~*'()&=+$,;?/#"), minLength: 1 });
    const name = fc.string({ unit: fc.constantFrom(...'abc-_.!~'), minLength: 1, maxLength: 5 });
    const parameters = fc.uniqueArray(fc.tuple(name, fc.option(name, { nil: undefined })), {
      selector: ([key]) => key,
    });
    const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
    fc.assert(
      fc.property(
        fc.record({
          scheme: fc.constantFrom('sip', 'sips'),
          user: fc.option(user, { nil: undefined }),
          password: fc.constant(undefined),
          host,
          port: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
          parameters: parameters.map((list) => new Map(list)),
          headers: fc.array(fc.tuple(name, name)).map((list) => new Map(list)),
        }),
        (uri) => {
          expect(parseUri(formatUri(uri as SipUri), 'test')).toEqual(uri);
        },
      ),
    );
  });
});

describe('unescapeUri', () => {
  it.each([
    ['%23a', '#a'],
    ['%C3%A9', 'é'],
    ['plain', 'plain'],
    ['%ff', '%ff'],
  ])('%s is %s', (text, expected) => {
    expect(unescapeUri(text)).toBe(expected);
  });
});
