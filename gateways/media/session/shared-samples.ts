/** Copies by the array they were made of, for as long as that one is kept (in a cache of sounds, say). */
const copies = new WeakMap<Int16Array, Int16Array>();

/**
 * The same samples in memory that threads share, so that a sound played to many is held once and sending it to a
 * thread costs nothing.
 */
export const shared = (samples: Int16Array): Int16Array => {
  if (samples.buffer instanceof SharedArrayBuffer) return samples;
  const known = copies.get(samples);
  if (known !== undefined) return known;
  const copy = new Int16Array(new SharedArrayBuffer(samples.byteLength));
  copy.set(samples);
  copies.set(samples, copy);
  return copy;
};
