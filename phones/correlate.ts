/** Where one stretch of audio is most like another, and how alike the two are there, -1 to 1. */
export interface Likeness {
  /** Index in the signal at which the pattern begins; -1 when the signal is too short to hold it. */
  readonly at: number;
  readonly score: number;
}

/** The best of what was not found. */
export const NOT_FOUND: Likeness = { at: -1, score: 0 };

/**
 * Looks for a pattern that begins in a signal at an index from `first` up to and with `last`, by normalised
 * cross-correlation: loudness does not matter.
 */
export function correlate(
  pattern: Int16Array,
  signal: Int16Array,
  first = 0,
  last = signal.length - pattern.length,
): Likeness {
  const length = pattern.length;
  const from = Math.max(0, first);
  const to = Math.min(last, signal.length - length);
  if (to < from || length === 0) return NOT_FOUND;
  // In floating point, which multiplies several times faster here than integers.
  const [wanted, there] = [new Float64Array(pattern), new Float64Array(signal.subarray(from, to + length))];
  let own = 0;
  let energy = 0;
  for (let index = 0; index < length; index++) {
    own += wanted[index]! * wanted[index]!;
    energy += there[index]! * there[index]!;
  }
  let best = NOT_FOUND;
  for (let at = 0; at <= to - from; at++) {
    const score = product(wanted, there, at) / Math.sqrt(own * energy || 1);
    if (score > best.score) best = { at: from + at, score };
    energy += (there[at + length] ?? 0) ** 2 - there[at]! ** 2;
  }
  return best;
}

/** In four sums, which the processor keeps at once. */
function product(pattern: Float64Array, signal: Float64Array, at: number): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = pattern.length & ~3;
  for (let index = 0; index < whole; index += 4) {
    a += pattern[index]! * signal[at + index]!;
    b += pattern[index + 1]! * signal[at + index + 1]!;
    c += pattern[index + 2]! * signal[at + index + 2]!;
    d += pattern[index + 3]! * signal[at + index + 3]!;
  }
  for (let index = whole; index < pattern.length; index++) a += pattern[index]! * signal[at + index]!;
  return a + b + c + d;
}
