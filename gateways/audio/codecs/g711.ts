/**
 * G.711 by tables. Linear samples have 16 bits; µ-law's 14 and A-law's 13 bits are the uppermost of them.
 *
 * Each function writes to `out` when it is given, which must be at least as long as the input, and returns
 * exactly as many elements as went in.
 */

const ulawToLinear = Int16Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
  return bits & 0x80 ? -magnitude : magnitude;
});

const alawToLinear = Int16Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = (bits & 0x0f) << 4;
  const magnitude = segment === 0 ? step + 0x08 : (step + 0x108) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
});

const ulawOf = (sample: number): number => {
  const biased = Math.min(Math.abs(sample), 0x7f7b) + 0x84;
  const segment = 24 - Math.clz32(biased);
  const bits = (sample < 0 ? 0x80 : 0) | (segment << 4) | ((biased >> (segment + 3)) & 0x0f);
  return ~bits & 0xff;
};

const alawOf = (sample: number): number => {
  // Ones' complement: A-law has no zero, so that -1 lies in the first negative interval.
  const magnitude = sample < 0 ? ~sample : sample;
  const segment = Math.max(0, 24 - Math.clz32(magnitude));
  const bits = (segment << 4) | ((magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f);
  return (bits | (sample < 0 ? 0 : 0x80)) ^ 0x55;
};

/** Indexed by the sample as an unsigned number of 16 bits. */
const linearToUlaw = Uint8Array.from({ length: 65_536 }, (_, index) => ulawOf((index << 16) >> 16));
const linearToAlaw = Uint8Array.from({ length: 65_536 }, (_, index) => alawOf((index << 16) >> 16));

const ulawAsAlaw = Uint8Array.from({ length: 256 }, (_, code) => alawOf(ulawToLinear[code]!));
const alawAsUlaw = Uint8Array.from({ length: 256 }, (_, code) => ulawOf(alawToLinear[code]!));

const exactly = <T extends Int16Array | Uint8Array>(out: T, length: number): T =>
  out.length === length ? out : (out.subarray(0, length) as T);

const decodeWith =
  (table: Int16Array) =>
  (bytes: Uint8Array, out: Int16Array = new Int16Array(bytes.length)): Int16Array => {
    for (let i = 0; i < bytes.length; i++) out[i] = table[bytes[i]!]!;
    return exactly(out, bytes.length);
  };

const encodeWith =
  (table: Uint8Array) =>
  (samples: Int16Array, out: Uint8Array = new Uint8Array(samples.length)): Uint8Array => {
    for (let i = 0; i < samples.length; i++) out[i] = table[samples[i]! & 0xffff]!;
    return exactly(out, samples.length);
  };

const recodeWith =
  (table: Uint8Array) =>
  (bytes: Uint8Array, out: Uint8Array = new Uint8Array(bytes.length)): Uint8Array => {
    for (let i = 0; i < bytes.length; i++) out[i] = table[bytes[i]!]!;
    return exactly(out, bytes.length);
  };

/** µ-law to linear (ITU-T G.711, table 2). */
export const decodeUlaw = decodeWith(ulawToLinear);
/** A-law to linear (ITU-T G.711, table 1). */
export const decodeAlaw = decodeWith(alawToLinear);
/** Linear to the µ-law value in whose interval a sample lies; the loudest clip. */
export const encodeUlaw = encodeWith(linearToUlaw);
/** Linear to the A-law value in whose interval a sample lies. */
export const encodeAlaw = encodeWith(linearToAlaw);
/** µ-law to A-law without the way over linear samples (ITU-T G.711, table 3). */
export const ulawToAlaw = recodeWith(ulawAsAlaw);
/** A-law to µ-law without the way over linear samples (ITU-T G.711, table 4). */
export const alawToUlaw = recodeWith(alawAsUlaw);
