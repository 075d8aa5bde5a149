import type { AudioDecoder, AudioEncoder, CodecName, SampleRate } from './codec.ts';
import { FadingRepeat } from './fading-repeat.ts';
import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';
import { G722Decoder, G722Encoder } from './g722.ts';
import { OpusDecoder, OpusEncoder } from './opus.ts';

const nothing = (): void => {};

/** Sample by sample: nothing is remembered, so one serves all. */
const withoutState = (
  codec: CodecName,
  encode: (samples: Int16Array, out: Uint8Array) => Uint8Array,
): AudioEncoder => ({
  codec,
  encode(samples, out) {
    encode(samples, out);
    return samples.length;
  },
  expectLoss: nothing,
  close: nothing,
});

const pcmu = withoutState('PCMU', encodeUlaw);
const pcma = withoutState('PCMA', encodeAlaw);

/** An encoder of a codec; its samples have the codec's rate. */
export const openEncoder = (codec: CodecName): AudioEncoder => {
  switch (codec) {
    case 'PCMU':
      return pcmu;
    case 'PCMA':
      return pcma;
    case 'G722': {
      const g722 = new G722Encoder();
      return {
        codec,
        encode: (samples, out) => g722.encode(samples, out),
        expectLoss: nothing,
        close: nothing,
      };
    }
    case 'opus':
      return new OpusEncoder();
  }
};

/** A decoder that fills gaps with what was heard last. */
const repeating = (
  codec: CodecName,
  sampleRate: SampleRate,
  decode: (payload: Uint8Array, out: Int16Array) => number,
): AudioDecoder => {
  let repeat: FadingRepeat | undefined;
  return {
    codec,
    sampleRate,
    decode(payload, out) {
      const made = decode(payload, out);
      repeat ??= new FadingRepeat(sampleRate);
      repeat.heard(out.subarray(0, made));
      return made;
    },
    conceal(out) {
      if (repeat) repeat.fill(out);
      else out.fill(0);
    },
    close: nothing,
  };
};

/**
 * A decoder of a codec that gives samples at this rate, or at 8 kHz when that is all that the codec has: look at its
 * `sampleRate`.
 */
export const openDecoder = (codec: CodecName, sampleRate: SampleRate): AudioDecoder => {
  switch (codec) {
    case 'PCMU':
      return repeating(codec, 8000, (payload, out) => decodeUlaw(payload, out).length);
    case 'PCMA':
      return repeating(codec, 8000, (payload, out) => decodeAlaw(payload, out).length);
    case 'G722': {
      const g722 = new G722Decoder(sampleRate);
      return repeating(codec, sampleRate, (payload, out) => g722.decode(payload, out));
    }
    case 'opus':
      return new OpusDecoder(sampleRate);
  }
};
