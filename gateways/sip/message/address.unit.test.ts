import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatAddress, parseAddress } from './address.ts';

describe('parseAddress', () => {
  it.each([
    ['<sip:a@b>', undefined, 'sip:a@b', []],
    ['sip:a@b;tag=1', undefined, 'sip:a@b', [['tag', '1']]],
    ['<sip:a@b;lr>;tag=1', undefined, 'sip:a@b;lr', [['tag', '1']]],
    [
      '"A \\"B\\" <C>, D" <sip:a@b> ; tag = 1 ; Q=0.3',
      'A "B" <C>, D',
      'sip:a@b',
      [
        ['tag', '1'],
        ['q', '0.3'],
      ],
    ],
    ['José (Sales) <tel:+15550100>', 'José (Sales)', 'tel:+15550100', []],
    ['caller<sip:a@b>', 'caller', 'sip:a@b', []],
    ['"" <sip:a@b>', undefined, 'sip:a@b', []],
    [
      'sip:a@b:5070;+sip.instance="<urn:gsma:1>";reg-id=1',
      undefined,
      'sip:a@b:5070',
      [
        ['+sip.instance', '"<urn:gsma:1>"'],
        ['reg-id', '1'],
      ],
    ],
    ['<sip:a@b;k=QUJD==;x="ab";ob;ob;y=1|2^3>', undefined, 'sip:a@b;k=QUJD==;x="ab";ob;ob;y=1|2^3', []],
    ['<sip:a@b>;x="a,b;c>d<e"', undefined, 'sip:a@b', [['x', '"a,b;c>d<e"']]],
    [
      '<sip:a@b>;k=A|B==;ob;ob',
      undefined,
      'sip:a@b',
      [
        ['k', 'A|B=='],
        ['ob', undefined],
      ],
    ],
    ['<sip:a@b>;+sip.instance="<urn:uuid:1>"', undefined, 'sip:a@b', [['+sip.instance', '"<urn:uuid:1>"']]],
  ] as const)('reads %s', (text, displayName, uri, parameters) => {
    expect(parseAddress(text, 'From')).toEqual({
      displayName,
      uri,
      parameters: new Map(parameters as readonly [string, string | undefined][]),
    });
  });

  it.each([
    '',
    '<>',
    'Bell, A <sip:a@b>',
    '"A <sip:a@b>',
    '"A" B <sip:a@b>',
    '<sip:a@b',
    '< sip:a@b>',
    '"A"',
    'sip:a@b?Subject=x',
    'sip:a@b, sip:c@d',
    '<sip:a@b> tag=1',
    '<sip:a@b>;',
    '<sip:a@b>;;tag=1',
    '<sip:a@b>;tag=1;TAG=2',
    '<sip:a@b>;tag="1',
    '<sip:a@b>;tag=a b',
    '<sip:a@b>;=1',
    '*',
  ])('refuses %j', (text) => {
    expect(() => parseAddress(text, 'From')).toThrow(/malformed in its From/);
  });

  it('takes names of object properties for parameters', () => {
    expect([...parseAddress('<sip:a@b>;__proto__=1', 'From').parameters]).toEqual([['__proto__', '1']]);
  });

  it('reads every display name as it was written, but for control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (displayName) => {
        const written = formatAddress({ displayName, uri: 'sip:a@b', parameters: new Map([['tag', '1']]) });
        expect(written).not.toMatch(/[\r\n]/);
        expect(parseAddress(written, 'From')).toMatchObject({
          displayName: displayName.replace(/\p{Cc}+/gu, ' '),
          parameters: new Map([['tag', '1']]),
        });
      }),
    );
  });
});
