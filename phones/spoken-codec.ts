import {
  type AudioDecoder,
  type AudioEncoder,
  CODECS,
  type CodecName,
  openDecoder,
  openEncoder,
} from '@tandem/gateways/audio/codecs';
import { LiveResampler } from '@tandem/gateways/audio/signal';

/** Samples of the longest packet at 8 kHz that anybody sends. */
const MOST_SAMPLES = 5760;
/** Bytes that a packet of ours has at the most. */
const MOST_BYTES = 1500;

/**
 * A telephone's codec, both ways, for sound at 8 kHz. Other codecs than G.711 need `loadLiveResampler` once before.
 * Whoever opens one closes it.
 */
export class SpokenCodec {
  readonly codec: CodecName;
  readonly #encoder: AudioEncoder;
  readonly #decoder: AudioDecoder;
  readonly #up: LiveResampler | undefined;
  readonly #wide = new Int16Array(640);
  readonly #payload = new Uint8Array(MOST_BYTES);
  readonly #heard = new Int16Array(MOST_SAMPLES);

  constructor(codec: CodecName) {
    const { sampleRate } = CODECS[codec];
    this.codec = codec;
    this.#encoder = openEncoder(codec);
    this.#decoder = openDecoder(codec, 8000);
    if (sampleRate !== 8000) this.#up = new LiveResampler(8000, sampleRate);
  }

  /** The payload of 20 ms, until the next is asked for. */
  encode(samples: Int16Array): Uint8Array {
    const wide = this.#up ? this.#wide.subarray(0, this.#up.push(samples, this.#wide)) : samples;
    return this.#payload.subarray(0, this.#encoder.encode(wide, this.#payload));
  }

  /** What a payload says, until the next is decoded. */
  decode(payload: Uint8Array): Int16Array {
    return this.#heard.subarray(0, this.#decoder.decode(payload, this.#heard));
  }

  close(): void {
    this.#encoder.close();
    this.#decoder.close();
    this.#up?.close();
  }
}
