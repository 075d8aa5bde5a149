/**
 * Numbers from 0 up to 1 that look random and are the same for the same seed (xorshift32 by Marsaglia, after a
 * multiplicative hash of the seed).
 */
export function seededRandom(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
