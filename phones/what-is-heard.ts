import { dominantFrequencies } from '@tandem/gateways/audio/signal';

/** What a stretch of audio sounds like. */
export type Heard =
  | { readonly kind: 'silence' | 'speech' }
  | { readonly kind: 'tone'; readonly hertz: readonly number[] };

/** How much weaker than the strongest a frequency is that no longer belongs to a tone, in dB. */
const FAINT = 15;
/** Tones of networks lie above this; the voice's own pitch below, in Hz. */
const LOWEST_TONE = 300;
/** More frequencies than this at once are a voice. */
const MOST_IN_A_TONE = 2;

/** Tells silence, tones and voices apart, from at least a quarter of a second at 8 kHz. */
export function whatIsHeard(samples: Int16Array): Heard {
  const peaks = dominantFrequencies(samples, MOST_IN_A_TONE + 3);
  const [strongest] = peaks;
  if (!strongest) return { kind: 'silence' };
  const loud = peaks.filter(({ level }) => level > strongest.level - FAINT);
  const isTone = loud.length <= MOST_IN_A_TONE && loud.every(({ frequency }) => frequency > LOWEST_TONE);
  if (!isTone) return { kind: 'speech' };
  return { kind: 'tone', hertz: loud.map(({ frequency }) => Math.round(frequency)).sort((a, b) => a - b) };
}
