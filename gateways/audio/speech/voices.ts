/** A voice of Flite: its name, and what language and sex it speaks with. */
export interface ChosenVoice {
  readonly name: 'slt' | 'rms' | 'awb' | 'kal';
  /** Why it is not quite the voice that was asked for. */
  readonly note?: string;
}

/** TwiML's and common providers' names for men, in small letters, without the provider's prefix and suffixes. */
const MEN = new Set([
  'man',
  'male',
  'arthur',
  'brian',
  'gregory',
  'joey',
  'justin',
  'kevin',
  'matthew',
  'russell',
  'stephen',
]);
const WOMEN = new Set(['', 'woman', 'female', 'alice']);
/** Flite's own names are taken as they are. */
const OWN = new Set(['slt', 'rms', 'awb', 'kal']);

/** `Polly.Matthew-Neural` is `matthew`. */
const plainName = (voice: string): string =>
  voice
    .toLowerCase()
    .replace(/^(polly|google|amazon)\./, '')
    .replace(/-(neural|generative|long-form)$/, '');

/**
 * Chooses among Flite's voices for TwiML's `voice` and `language` (BCP 47): an American woman (slt), an American man
 * (rms), a Scotsman (awb) and a light, quick one (kal). What is not there is replaced, and the note says so.
 */
export const chooseVoice = (voice = '', language = 'en-US'): ChosenVoice => {
  const plain = plainName(voice);
  const man = MEN.has(plain);
  const british = language.toLowerCase() === 'en-gb';
  const name = OWN.has(plain) ? (plain as ChosenVoice['name']) : man ? (british ? 'awb' : 'rms') : 'slt';
  const notes: string[] = [];
  if (!/^en(-|$)/i.test(language))
    notes.push(`there is no voice for ${clip(language)}, so English is spoken`);
  if (!man && !WOMEN.has(plain) && !OWN.has(plain))
    notes.push(`there is no voice ${clip(voice)}, ${name} is used`);
  return notes.length === 0 ? { name } : { name, note: notes.join('; ') };
};

/** The caller's word, short enough to be repeated. */
const clip = (word: string): string => JSON.stringify(word.slice(0, 40));
