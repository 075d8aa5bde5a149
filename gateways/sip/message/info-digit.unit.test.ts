import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildRequest } from './build-message.ts';
import { digitContent, readDigit } from './info-digit.ts';

const info = (type: string, body: string) => buildRequest('INFO', 'sip:a@b', [], { type, body });

describe('A digit in an INFO', () => {
  it.each([
    ['application/dtmf-relay', 'Signal=5\r\nDuration=160', { digit: '5', duration: 160 }],
    ['Application/DTMF-Relay; charset=x', 'signal = *\nduration = 90', { digit: '*', duration: 90 }],
    ['application/dtmf-relay', 'Signal=11\r\n', { digit: '#', duration: 250 }],
    ['application/dtmf-relay', 'Signal=d\r\nDuration=999999', { digit: 'D', duration: 10_000 }],
    ['application/dtmf', ' 7 ', { digit: '7', duration: 250 }],
    ['application/dtmf', '10', { digit: '*', duration: 250 }],
    ['application/dtmf', '17', 'unknown'],
    ['application/dtmf', 'constructor', 'unknown'],
    ['application/dtmf-relay', 'Duration=5', 'unknown'],
    ['application/sdp', '5', 'unknown'],
    ['application/dtmf', '', undefined],
  ] as const)('%s %j', (type, body, expected) => {
    expect(readDigit(info(type, body))).toEqual(expected);
  });

  it('comes back as it was written', () => {
    const digits = fc.constantFrom(...'0123456789*#ABCD');
    fc.assert(
      fc.property(digits, fc.integer({ min: 1, max: 10_000 }), (digit, duration) => {
        const { type, body } = digitContent(digit, duration);
        expect(readDigit(info(type, String(body)))).toEqual({ digit, duration });
      }),
    );
  });
});
