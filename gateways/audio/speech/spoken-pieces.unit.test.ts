import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { speakable } from './speakable.ts';
import { spokenPieces } from './spoken-pieces.ts';

describe('the pieces in which a text is spoken', () => {
  it.each<[string, string[]]>([
    ['Hello.', ['Hello.']],
    ['Thank you for calling. Please hold!', ['Thank you for calling.', 'Please hold!']],
    ['It costs 3.50 dollars, e.g. today.', ['It costs 3.50 dollars, e.g. today.']],
    ['Dr. J. Smith is in. Wait.', ['Dr. J. Smith is in.', 'Wait.']],
    ['Really? "Yes." ...', ['Really?', '"Yes." ...']],
    ['no end', ['no end']],
  ])('of %s', (text, pieces) => {
    expect(spokenPieces(text)).toEqual(pieces);
  });

  it('are parts of a sentence that takes long, at its commas before its spaces', () => {
    const clause = 'this is one of the several parts of a sentence that goes on and on,';
    const pieces = spokenPieces(Array(4).fill(clause).join(' '));
    expect(pieces).toEqual([`${clause} ${clause}`, `${clause} ${clause}`]);
  });

  it('of digits are few digits each', () => {
    for (const piece of spokenPieces('1234567890 '.repeat(300).trim()))
      expect(piece.replaceAll(/\D/g, '').length).toBeLessThanOrEqual(26);
    for (const piece of spokenPieces('9'.repeat(4096))) expect(piece.length).toBeLessThanOrEqual(26);
    for (const piece of spokenPieces('% '.repeat(2048).trim())) expect(piece.length).toBeLessThanOrEqual(53);
  });

  it('have all of the text and none takes long', () => {
    const words = fc.array(
      fc.constantFrom('word', '12', '£9,999.99', 'a.', '...', 'x!', '(so)', 'Y'.repeat(300)),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          words.map((all) => all.join(' ')),
          fc.string({ maxLength: 400 }),
        ),
        (written) => {
          const text = speakable(written);
          const pieces = spokenPieces(text);
          expect(pieces.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
        },
      ),
    );
  });

  it('take no longer to be found than the text is long', () => {
    for (const text of ['('.repeat(4096), '. '.repeat(2048), 'a,'.repeat(2048), '9'.repeat(8192)])
      expect(spokenPieces(text).join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  });
});
