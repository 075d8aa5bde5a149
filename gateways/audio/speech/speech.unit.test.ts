import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { speakable } from './speakable.ts';
import { LONGEST_TEXT, textToSay } from './speech.ts';
import { chooseVoice } from './voices.ts';

describe('text that can be said', () => {
  it.each([
    ['Hello  there\n\tyou', 'Hello there you'],
    ['Café Müller, Łódź', 'Cafe Muller, Lodz'],
    ['“It’s” 5 – 6 …', '"It\'s" 5 , 6 ...'],
    ['€5 and £6', 'euro 5 and pound 6'],
    ['bell\u0007 and null\u0000', 'bell and null'],
    ['one 🙂 two', 'one two'],
    ['日本語', ''],
    ['...', ''],
    [' ', ''],
  ])('%j is %j', (text, said) => {
    expect(speakable(text)).toBe(said);
  });

  it('is plain ASCII whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (text) => {
        expect(speakable(text)).toMatch(/^[ -~]*$/);
      }),
    );
  });

  it('is bounded, and must not be empty', () => {
    expect(() => textToSay({ text: 'a'.repeat(LONGEST_TEXT + 1) })).toThrow(
      expect.objectContaining({ code: 'media.text-too-long' }),
    );
    expect(textToSay({ text: '€'.repeat(LONGEST_TEXT) }).length).toBeLessThanOrEqual(2 * LONGEST_TEXT);
    expect(() => textToSay({ text: '¡¿' })).toThrow(expect.objectContaining({ code: 'media.speech-failed' }));
  });
});

describe('voices', () => {
  it.each<[string | undefined, string | undefined, string]>([
    [undefined, undefined, 'slt'],
    ['woman', 'en-US', 'slt'],
    ['alice', 'en-AU', 'slt'],
    ['man', 'en', 'rms'],
    ['man', 'en-GB', 'awb'],
    ['Polly.Matthew-Neural', 'en-US', 'rms'],
    ['kal', undefined, 'kal'],
  ])('%p in %p is %s', (voice, language, name) => {
    expect(chooseVoice(voice, language)).toEqual({ name });
  });

  it('falls back, and says so', () => {
    expect(chooseVoice('Polly.Celine', 'fr-FR')).toEqual({
      name: 'slt',
      note: 'there is no voice for "fr-FR", so English is spoken; there is no voice "Polly.Celine", slt is used',
    });
    expect(chooseVoice('x'.repeat(1000)).note!.length).toBeLessThan(100);
    expect(chooseVoice('__proto__').name).toBe('slt');
  });
});
