import { type AudioEncoder, CODECS, type CodecName, openEncoder } from '../../audio/codecs/index.ts';
import { LiveResampler } from '../../audio/signal/index.ts';

/** Samples of the longest packet that we send, and as many again when its rate is doubled. */
const MOST_SAMPLES = 960;

// One packet is made at a time in a thread, so all legs share this.
const converted = new Int16Array(2 * MOST_SAMPLES);

/**
 * One peer's codec as far as we speak it: one encoder for all that is said, which is opened when there is something to
 * say. Whoever opens one closes it.
 */
export class OutgoingAudio {
  readonly codec: CodecName;
  /** Milliseconds of a packet. */
  readonly interval: number;
  #encoder: AudioEncoder | undefined;
  #loss = 0;
  #resampler: LiveResampler | undefined;

  constructor(codec: CodecName, interval: number) {
    this.codec = codec;
    this.interval = interval;
  }

  get encoder(): AudioEncoder {
    if (this.#encoder === undefined) {
      this.#encoder = openEncoder(this.codec);
      this.#encoder.expectLoss(this.#loss);
    }
    return this.#encoder;
  }

  /** RTP ticks of a packet. */
  get ticks(): number {
    return (this.interval * CODECS[this.codec].clockRate) / 1000;
  }

  /** Encodes a packet's samples, at any rate of ours. @returns bytes of the payload */
  encode(samples: Int16Array, sampleRate: number, out: Uint8Array): number {
    return this.encoder.encode(this.#atOurRate(samples, sampleRate), out);
  }

  /** The share of packets that the peer misses, 0 to 1. */
  expectLoss(share: number): void {
    this.#loss = share;
    this.#encoder?.expectLoss(share);
  }

  close(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
    this.#resampler?.close();
    this.#resampler = undefined;
  }

  #atOurRate(samples: Int16Array, sampleRate: number): Int16Array {
    const to = CODECS[this.codec].sampleRate;
    if (sampleRate === to) return samples;
    if (this.#resampler?.from !== sampleRate) {
      this.#resampler?.close();
      this.#resampler = new LiveResampler(sampleRate, to);
    }
    return converted.subarray(0, this.#resampler.push(samples, converted));
  }
}
