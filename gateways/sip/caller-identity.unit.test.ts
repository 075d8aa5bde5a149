import { describe, expect, it } from '@jest/globals';
import { buildRequest } from './build-message.ts';
import { callingParty, identityUri, partyOf } from './caller-identity.ts';

describe('A party', () => {
  it.each([
    ['sip:+15550100@example.com', '+15550100'],
    ['sip:+1-555-0100;npdi@example.com;user=phone', '+15550100'],
    ['sip:*67%2B1@example.com', 'sip:*67%2B1@example.com'],
    ['sip:%2B15550100@example.com', '+15550100'],
    ['tel:+1-555-0100', '+15550100'],
    ['sip:100@example.com', '100'],
    ['sip:ann@example.com', 'sip:ann@example.com'],
    ['sip:example.com', 'sip:example.com'],
    ['sip:anonymous@anonymous.invalid', 'sip:anonymous@anonymous.invalid'],
  ])('of %s is %s', (uri, expected) => {
    expect(partyOf(uri)).toBe(expected);
  });
});

describe('The calling party', () => {
  const invite = buildRequest('INVITE', 'sip:1@x', [
    ['From', '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'],
    ['P-Asserted-Identity', '"Ann" <sip:+15550199@carrier.example>, <tel:+15550199>'],
  ]);

  it('is who a trusted network says', () => {
    expect(callingParty(invite, true)).toEqual({ from: '+15550199', name: 'Ann' });
  });

  it('is who it says itself otherwise', () => {
    expect(callingParty(invite, false)).toEqual({
      from: 'sip:anonymous@anonymous.invalid',
      name: 'Anonymous',
    });
  });
});

describe('Our From', () => {
  it.each([
    ['+15550100', 'sip:+15550100@tandem.example'],
    ['*72#', 'sip:*72#@tandem.example'],
    ['sip:ann@example.com', 'sip:ann@example.com'],
    ['a b@c', 'sip:a%20b%40c@tandem.example'],
  ])('for %s is %s', (party, uri) => {
    expect(identityUri(party, 'tandem.example')).toBe(uri);
  });
});
