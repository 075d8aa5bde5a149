import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clip, formatDuration, lookOf, oneLine, wrap } from './terminal.ts';

describe('text for a terminal', () => {
  it('is wrapped at spaces, within the width, and nothing is lost', () => {
    expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 2, max: 40 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.every((line) => line.length <= width)).toBe(true);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });

  it('has no control or direction characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(oneLine(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('is cut with a mark', () => {
    expect(clip('abcdef', 4)).toBe('abc…');
    expect(clip('abcd', 4)).toBe('abcd');
  });

  it.each([
    [0, '0.0 s'],
    [12_340, '12.3 s'],
    [59_990, '1 min 00 s'],
    [245_000, '4 min 05 s'],
    [7_500_000, '2 h 05 min'],
  ])('says %d ms as %s', (milliseconds, says) => {
    expect(formatDuration(milliseconds)).toBe(says);
  });
});

describe('the look', () => {
  const coloured = (isTTY: boolean, env: NodeJS.ProcessEnv) =>
    lookOf({ isTTY, columns: 100 }, env).style.strong('x') !== 'x';

  it('is coloured on a terminal only, and not under NO_COLOR', () => {
    expect(coloured(true, {})).toBe(true);
    expect(coloured(false, {})).toBe(false);
    expect(coloured(true, { NO_COLOR: '1' })).toBe(false);
    expect(coloured(true, { TERM: 'dumb' })).toBe(false);
  });

  it('is as wide as the terminal, and 120 columns elsewhere', () => {
    expect(lookOf({ isTTY: true, columns: 100 }, {}).width).toBe(100);
    expect(lookOf({}, {}).width).toBe(120);
  });
});
