import { expect, it } from '@jest/globals';
import { sipHeaderParameters } from './sip-header-parameters.ts';

it('header fields of the caller are parameters with Twilio’s names', () => {
  const fields = [
    { name: 'X-Customer', value: 'Ann & sons' },
    { name: 'x-tag', value: 'a' },
    { name: 'X-Tag', value: 'b, c' },
  ];
  expect(sipHeaderParameters(fields)).toEqual({
    'SipHeader_X-Customer': 'Ann & sons',
    'SipHeader_x-tag': 'a, b, c',
  });
});
