/** How long a piece takes to be said, at the most, as so many letters: some ten seconds of speech. */
const MOST = 160;
/** A digit is said as a word, and signs such as `£` and `%` are words too. */
const OF_A_SIGN = 6;

const weight = (text: string): number => {
  let sum = 0;
  for (const letter of text) sum += /[a-z ,.;:!?'"()-]/i.test(letter) ? 1 : OF_A_SIGN;
  return sum;
};

/** What an English voice says at all. */
const SAID = /[a-z0-9$%&@#+*=]/i;
/**
 * Where a text may be parted, the best first: after a sentence (but not a title or an initial), a part of one, a word.
 */
const BREAKS = [
  /(?<=[.!?]["')]*)(?<!\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|vs|e\.g|i\.e|[A-Z])\.) (?=\S)/,
  /(?<=[,;:)]) (?=\S)|(?=\()/,
  / /,
] as const;

/**
 * Parts a text into pieces that are spoken one after the other: its sentences, and of those that take long to be said,
 * parts. Nothing of it is lost but the spaces between the pieces.
 *
 * @param text with single spaces
 */
export const spokenPieces = (text: string): string[] => part(text, 0).filter((piece) => /\S/.test(piece));

const part = (text: string, level: number): string[] => {
  if (level > 0 && weight(text) <= MOST) return [text];
  const at = BREAKS[level];
  if (at === undefined) return cut(text);
  const parts = text.split(new RegExp(at, 'g')).flatMap((one) => part(one, level + 1));
  // Of a sentence as much at a time as may be: it sounds best whole.
  return level === 0 ? joined(parts, /[.!?]["')]*$/) : joined(parts);
};

/** A word that is as long as no word is. */
const cut = (text: string): string[] => {
  const pieces: string[] = [];
  let piece = '';
  for (const letter of text) {
    if (weight(piece + letter) > MOST) {
      pieces.push(piece);
      piece = '';
    }
    piece += letter;
  }
  return [...pieces, piece];
};

/** Parts put together again as far as they may be; not those that end as `end` says. */
const joined = (parts: readonly string[], end?: RegExp): string[] => {
  const pieces: string[] = [];
  for (const one of parts) {
    const last = pieces.at(-1);
    const together = last === undefined ? one : `${last} ${one}`;
    // Nothing of it can be said by itself.
    const mute = !SAID.test(one) || (last !== undefined && !SAID.test(last));
    if (last !== undefined && (mute || (!end?.test(last) && weight(together) <= MOST)))
      pieces[pieces.length - 1] = together;
    else pieces.push(one);
  }
  return pieces;
};
