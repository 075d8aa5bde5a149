import { describe, expect, it } from '@jest/globals';
import { buildRequest, type Header } from '../message/build-message.ts';
import { callingParty, identityUri, partyOf, privacyFields } from './caller-identity.ts';

describe('A party', () => {
  it.each([
    ['sip:+15550100@example.com', '+15550100'],
    ['sip:+1-555-0100;npdi@example.com;user=phone', '+15550100'],
    ['sip:*67%2B1@example.com', 'sip:*67%2B1@example.com'],
    ['sip:%2B15550100@example.com', '+15550100'],
    ['tel:+1-555-0100', '+15550100'],
    ['tel:100', '100'],
    ['tel:1-00;phone-context=Example.COM', 'tel:100;phone-context=example.com'],
    ['tel:100;isub=1;phone-context=+1-555', 'tel:100;phone-context=+1555'],
    ['tel:+15550100;phone-context=example.com', '+15550100'],
    ['sip:100;phone-context=example.com@gw.example;user=phone', 'tel:100;phone-context=example.com'],
    ['sip:+1-555-0100;phone-context=x@gw.example', '+15550100'],
    ['sip:ann;phone-context=x@gw.example', 'sip:ann;phone-context=x@gw.example'],
    ['sip:*72%23@example.com', '*72#'],
    ['sip:100@example.com', '100'],
    ['sip:ann@example.com', 'sip:ann@example.com'],
    ['sip:example.com', 'sip:example.com'],
    ['sip:anonymous@anonymous.invalid', 'sip:anonymous@anonymous.invalid'],
  ])('of %s is %s', (uri, expected) => {
    expect(partyOf(uri)).toBe(expected);
  });
});

describe('The calling party', () => {
  const ANN = '"Ann" <sip:+15550199@carrier.example>;tag=1';
  const NOBODY = '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1';
  const ASSERTED = '"Bell" <sip:+15550177@carrier.example>, <tel:+15550177>';
  const invite = (from: string, headers: readonly Header[] = []) =>
    buildRequest('INVITE', 'sip:1@x', [['From', from], ...headers]);
  const asserted: Header = ['P-Asserted-Identity', ASSERTED];

  it('is who a trusted network says', () => {
    expect(callingParty(invite(ANN, [asserted]), true)).toEqual({ from: '+15550177', name: 'Bell' });
  });

  it('is who it says itself otherwise', () => {
    expect(callingParty(invite(ANN, [asserted]), false)).toEqual({ from: '+15550199', name: 'Ann' });
  });

  it.each([['id'], ['header'], ['session;critical'], ['none, User'], [' ID ; critical']])(
    'is nobody with Privacy: %s',
    (privacy) => {
      const headers: Header[] = [asserted, ['Privacy', privacy]];
      expect(callingParty(invite(ANN, headers), false)).toEqual({ from: 'anonymous' });
      expect(callingParty(invite(ANN, headers), true)).toEqual({ from: 'anonymous', withheld: '+15550177' });
      expect(callingParty(invite(ANN, headers.slice(1)), true)).toEqual({
        from: 'anonymous',
        withheld: '+15550199',
      });
    },
  );

  it.each([['none'], ['history'], ['critical'], ['']])('is somebody with Privacy: %s', (privacy) => {
    expect(callingParty(invite(ANN, [['Privacy', privacy]]), false)).toEqual({
      from: '+15550199',
      name: 'Ann',
    });
  });

  it.each([[NOBODY], ['"Ann" <sip:Anonymous@carrier.example>;tag=1'], ['<sip:x@anonymous.invalid>']])(
    'is nobody whose From is %s',
    (from) => {
      expect(callingParty(invite(from, [asserted]), false)).toEqual({ from: 'anonymous' });
      expect(callingParty(invite(from, [asserted]), true)).toEqual({
        from: 'anonymous',
        withheld: '+15550177',
      });
      expect(callingParty(invite(from), true)).toEqual({ from: 'anonymous' });
    },
  );
});

describe('What is said of an anonymous caller', () => {
  it('is to show them to nobody, and who they are to whom may know', () => {
    expect(privacyFields({ from: 'anonymous' }, 'tandem.example')).toEqual([['Privacy', 'id']]);
    expect(privacyFields({ from: 'anonymous', withheld: '+15550177' }, 'tandem.example')).toEqual([
      ['P-Asserted-Identity', '<sip:+15550177@tandem.example>'],
      ['Privacy', 'id'],
    ]);
  });

  it('is nothing of anybody else', () => {
    expect(privacyFields({ from: '+15550100', withheld: '+15550177' }, 'tandem.example')).toEqual([]);
  });
});

describe('Our From', () => {
  it.each([
    ['+15550100', 'sip:+15550100@tandem.example'],
    ['anonymous', 'sip:anonymous@anonymous.invalid'],
    ['*72#', 'sip:*72%23@tandem.example'],
    ['tel:100;phone-context=example.com', 'tel:100;phone-context=example.com'],
    ['sip:ann@example.com', 'sip:ann@example.com'],
    ['a b@c', 'sip:a%20b%40c@tandem.example'],
  ])('for %s is %s', (party, uri) => {
    expect(identityUri(party, 'tandem.example')).toBe(uri);
  });
});
