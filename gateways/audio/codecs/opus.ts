import { type AudioDecoder, type AudioEncoder, CODECS, type SampleRate } from './codec.ts';
import { LONGEST_PAYLOAD, MOST_SAMPLES, opusModule } from './opus-module.ts';

// Numbers of libopus' interface (opus_defines.h).
const VOIP = 2048;
const SET_BITRATE = 4002;
const SET_COMPLEXITY = 4010;
const SET_INBAND_FEC = 4012;
const SET_PACKET_LOSS_PERC = 4014;
const SET_SIGNAL = 4024;
const VOICE = 3001;

/** Bits a second: what RFC 7587, section 3.1.1 advises for wide-band speech is 16 to 20 thousand. */
const BITRATE = 24_000;
/** Of 0 to 10; beyond it speech costs more and sounds hardly better. */
const COMPLEXITY = 5;

/** Encodes speech of one channel at 16 kHz (RFC 6716, RFC 7587). */
export class OpusEncoder implements AudioEncoder {
  readonly codec = 'opus';
  readonly #opus = opusModule();
  #state: number;
  #loss = 0;

  constructor() {
    const { calls } = this.#opus;
    this.#state = this.#opus.allocate(calls.opus_encoder_get_size(1));
    calls.opus_encoder_init(this.#state, CODECS.opus.sampleRate, 1, VOIP);
    calls.opus_encoder_ctl_set(this.#state, SET_BITRATE, BITRATE);
    calls.opus_encoder_ctl_set(this.#state, SET_COMPLEXITY, COMPLEXITY);
    calls.opus_encoder_ctl_set(this.#state, SET_SIGNAL, VOICE);
    // Takes effect as far as loss is expected.
    calls.opus_encoder_ctl_set(this.#state, SET_INBAND_FEC, 1);
  }

  encode(samples: Int16Array, out: Uint8Array): number {
    const opus = this.#opus;
    opus.putSamples(samples);
    const room = Math.min(out.length, LONGEST_PAYLOAD);
    const bytes = opus.calls.opus_encode(this.#state, opus.samplesAt, samples.length, opus.payloadAt, room);
    if (bytes < 0) throw new RangeError(`Opus cannot encode ${samples.length} samples (${bytes})`);
    opus.takePayload(bytes, out);
    return bytes;
  }

  expectLoss(share: number): void {
    const percent = Math.round(100 * Math.min(1, Math.max(0, share)));
    if (percent === this.#loss) return;
    this.#loss = percent;
    this.#opus.calls.opus_encoder_ctl_set(this.#state, SET_PACKET_LOSS_PERC, percent);
  }

  close(): void {
    this.#opus.calls.free(this.#state);
    this.#state = 0;
  }
}

/** Decodes Opus to one channel, whatever its rate and channels were, to the rate that is wanted. */
export class OpusDecoder implements AudioDecoder {
  readonly codec = 'opus';
  readonly sampleRate: SampleRate;
  readonly #opus = opusModule();
  #state: number;

  constructor(sampleRate: SampleRate) {
    this.sampleRate = sampleRate;
    const { calls } = this.#opus;
    this.#state = this.#opus.allocate(calls.opus_decoder_get_size(1));
    calls.opus_decoder_init(this.#state, sampleRate, 1);
  }

  decode(payload: Uint8Array, out: Int16Array): number {
    // Without bytes, libopus would make up what is missing.
    if (payload.length === 0 || payload.length > LONGEST_PAYLOAD) return 0;
    this.#opus.putPayload(payload);
    return this.#run(payload.length, out, Math.min(out.length, MOST_SAMPLES), false);
  }

  conceal(out: Int16Array, next?: Uint8Array): void {
    const repeats = next !== undefined && next.length > 0 && next.length <= LONGEST_PAYLOAD;
    if (repeats) this.#opus.putPayload(next);
    const count = Math.min(out.length, MOST_SAMPLES);
    const made = this.#run(repeats ? next.length : 0, out, count, repeats);
    out.fill(0, made);
  }

  close(): void {
    this.#opus.calls.free(this.#state);
    this.#state = 0;
  }

  #run(bytes: number, out: Int16Array, count: number, correct: boolean): number {
    const opus = this.#opus;
    const { calls, payloadAt, samplesAt } = opus;
    const from = bytes === 0 ? 0 : payloadAt;
    const made = calls.opus_decode(this.#state, from, bytes, samplesAt, count, correct ? 1 : 0);
    if (made <= 0) return 0;
    opus.takeSamples(made, out);
    return made;
  }
}
