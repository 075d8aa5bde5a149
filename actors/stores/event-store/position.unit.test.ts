import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isAfter, isLinkPosition } from './position.ts';

const position = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe('link positions', () => {
  it('are ordered as the numbers that they are, beyond the precision of a double', () => {
    fc.assert(
      fc.property(position, position, (one, other) => {
        expect(isAfter(String(one), String(other))).toBe(one > other);
      }),
    );
  });

  it('all come after the empty one', () => {
    expect(isAfter('0', '')).toBe(true);
    expect(isAfter('', '0')).toBe(false);
    expect(isAfter('', '')).toBe(false);
  });

  it('are unsigned decimals', () => {
    fc.assert(fc.property(position, (one) => expect(isLinkPosition(String(one))).toBe(true)));
    for (const text of ['', '-1', '01', '1.5', '1e3', ' 1', '1\n', '0x1', '9'.repeat(21)])
      expect(isLinkPosition(text)).toBe(false);
  });
});
