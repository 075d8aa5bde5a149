/** How letters and signs outside ASCII are said by a voice that knows nothing else. */
const SPOKEN: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': ', ',
  '—': ', ',
  '…': '. ',
  '€': ' euro ',
  '£': ' pound ',
  '°': ' degrees ',
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
};

/**
 * Text as an English voice can say it: in ASCII, accents taken off their letters, without control characters and what
 * is left over, and with single spaces. Empty when there is nothing to say.
 */
export const speakable = (text: string): string => {
  const plain = text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^ -~]/gu, (sign) => SPOKEN[sign] ?? ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return /[A-Za-z0-9$%&@#+*=]/.test(plain) ? plain : '';
};
