import { HigherBand, LowerBand } from './g722-bands.ts';
import { saturate } from './g722-predictor.ts';

/** The first half of the quadrature mirror filter, in units of 2^-13; the second mirrors it (ITU-T G.722, table 11). */
const HALF = [3, -11, -11, 53, 12, -156, 32, 362, -210, -805, 951, 3876];
const TAPS = [...HALF, ...HALF.toReversed()];
const EVEN_TAPS = Int32Array.from(TAPS.filter((_, i) => i % 2 === 0));
const ODD_TAPS = Int32Array.from(TAPS.filter((_, i) => i % 2 === 1));
const LENGTH = EVEN_TAPS.length;

/** The last values on both ways of the filter; a value is kept twice, so that those to be summed lie in a row. */
class Delay {
  readonly one = new Int32Array(2 * LENGTH);
  readonly other = new Int32Array(2 * LENGTH);
  /** Where the oldest value is. */
  at = 0;

  push(one: number, other: number): void {
    const { at } = this;
    this.one[at] = one;
    this.one[at + LENGTH] = one;
    this.other[at] = other;
    this.other[at + LENGTH] = other;
    this.at = at + 1 === LENGTH ? 0 : at + 1;
  }
}

const filtered = (values: Int32Array, at: number, taps: Int32Array): number => {
  let sum = 0;
  for (let i = 0; i < LENGTH; i++) sum += values[at + i]! * taps[i]!;
  return sum;
};

/**
 * Encodes sound at 16 kHz by ITU-T G.722 in its mode of 64 kbit/s: one byte for two samples. All 16 bits of a sample
 * are taken, of which the Recommendation knows 14.
 */
export class G722Encoder {
  readonly #lower = new LowerBand();
  readonly #higher = new HigherBand();
  readonly #delay = new Delay();

  /** Writes half as many bytes as there are samples, an even number of them. @returns the bytes written */
  encode(samples: Int16Array, out: Uint8Array): number {
    const delay = this.#delay;
    const length = samples.length >> 1;
    for (let i = 0; i < length; i++) {
      delay.push(samples[2 * i]!, samples[2 * i + 1]!);
      const one = filtered(delay.one, delay.at, EVEN_TAPS);
      const other = filtered(delay.other, delay.at, ODD_TAPS);
      const lower = this.#lower.encode((one + other) >> 14);
      out[i] = (this.#higher.encode((other - one) >> 14) << 6) | lower;
    }
    return length;
  }
}

/** Decodes ITU-T G.722 at 64 kbit/s: to 16 kHz, or to 8 kHz from the lower band alone, which costs half. */
export class G722Decoder {
  readonly #lower = new LowerBand();
  readonly #higher = new HigherBand();
  readonly #delay = new Delay();
  readonly #wide: boolean;

  constructor(sampleRate: 8000 | 16_000 = 16_000) {
    this.#wide = sampleRate === 16_000;
  }

  /** @returns samples written: two for each byte at 16 kHz, one at 8 kHz */
  decode(bytes: Uint8Array, out: Int16Array): number {
    if (!this.#wide) {
      for (let i = 0; i < bytes.length; i++) out[i] = saturate(2 * this.#lower.decode(bytes[i]! & 0x3f));
      return bytes.length;
    }
    const delay = this.#delay;
    for (let i = 0; i < bytes.length; i++) {
      const lower = this.#lower.decode(bytes[i]! & 0x3f);
      const higher = this.#higher.decode(bytes[i]! >> 6);
      delay.push(lower + higher, lower - higher);
      out[2 * i] = saturate(filtered(delay.other, delay.at, ODD_TAPS) >> 11);
      out[2 * i + 1] = saturate(filtered(delay.one, delay.at, EVEN_TAPS) >> 11);
    }
    return 2 * bytes.length;
  }
}
