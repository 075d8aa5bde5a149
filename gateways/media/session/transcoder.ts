import { type AudioDecoder, CODECS, type CodecName, openDecoder } from '../../audio/codecs/index.ts';
import { LiveResampler } from '../../audio/signal/index.ts';
import { ReorderBuffer, timestampAhead } from '../rtp/index.ts';
import type { RelayFrame } from './relay-frame.ts';

/** Samples of the longest packet, of 2048 bytes of G.722, or of 120 ms of Opus. */
const MOST_SAMPLES = 5760;
/** Milliseconds of loss that are made up; a longer gap is a gap. */
const MAX_CONCEALED = 100;

// One packet is decoded at a time in a thread, so all transcoders share these.
const decoded = new Int16Array(MOST_SAMPLES);
const converted = new Int16Array(2 * MOST_SAMPLES);

/** A packet on its way through the transcoder; without a payload it only tells that no audio was lost in its place. */
interface Arrived {
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload?: Uint8Array;
}

/** The stream that comes in. */
export type TranscodedStream = Pick<RelayFrame, 'from' | 'ssrc' | 'codec'>;

/** What it is made to: the codec, and milliseconds of a packet. */
export interface TranscodedTo {
  readonly codec: CodecName;
  readonly interval: number;
}

/** Takes packets that are made: numbered from 0 on, on the clock of the codec that they are in. */
export type TranscodedSink = (
  sequence: number,
  timestamp: number,
  marker: boolean,
  samples: Int16Array,
) => void;

/**
 * Changes the audio of one peer into another codec's: decodes, converts the rate, and cuts it into packets of the
 * length that the other peer wants. Packets are put in order, short losses made up, and pauses stay pauses: timestamps
 * follow the sender's clock.
 *
 * The packets come out as samples, since they are encoded by whoever speaks to the peer. Whoever opens one closes it.
 */
export class Transcoder {
  readonly #source: TranscodedStream;
  readonly #to: TranscodedTo;
  readonly #decoder: AudioDecoder;
  readonly #resampler: LiveResampler | undefined;
  #order = newOrder();
  /** The packet that is being filled. */
  readonly #packet: Int16Array;
  #filled = 0;
  /** Timestamps: of the first sample of that packet (going out), and of the next sample to come in. */
  #head = 0;
  #expected: number | undefined;
  #sequence = 0;
  #marker = true;
  /** Ticks per sample of the decoder's, and of ours. */
  readonly #ticksIn: number;
  readonly #ticksOut: number;
  /** Our ticks for one of the sender's. */
  readonly #clocks: number;

  constructor({ from, ssrc, codec }: TranscodedStream, to: TranscodedTo) {
    const out = CODECS[to.codec];
    this.#source = { from, ssrc, codec };
    this.#to = to;
    this.#decoder = openDecoder(codec, out.sampleRate);
    const { sampleRate } = this.#decoder;
    if (sampleRate !== out.sampleRate) this.#resampler = new LiveResampler(sampleRate, out.sampleRate);
    this.#packet = new Int16Array((to.interval * out.sampleRate) / 1000);
    this.#ticksIn = CODECS[codec].clockRate / sampleRate;
    this.#ticksOut = out.clockRate / out.sampleRate;
    this.#clocks = out.clockRate / CODECS[codec].clockRate;
  }

  /** Whether it is of the stream that a frame is of, and for whom it is to go out. */
  isOf(frame: TranscodedStream, to: TranscodedTo): boolean {
    const { from, ssrc, codec } = this.#source;
    return this.#to === to && frame.ssrc === ssrc && frame.from === from && frame.codec === codec;
  }

  /** Takes an audio packet. */
  push(frame: RelayFrame, sink: TranscodedSink): void {
    const payload = frame.packet.subarray(frame.payloadStart, frame.payloadEnd);
    const { sequence, timestamp, marker } = frame;
    this.#order.push(sequence, { timestamp, marker, payload }, (packet, lost) =>
      this.#hear(packet, lost, sink),
    );
  }

  /** A packet that is not audio came in the place of one. */
  pass({ sequence, timestamp, marker }: RelayFrame, sink: TranscodedSink): void {
    this.#order.push(sequence, { timestamp, marker }, (packet, lost) => this.#hear(packet, lost, sink));
  }

  /** The number and timestamp that a packet has that goes out beside the audio, as it came in: of an event. */
  stamp(timestamp: number): { readonly sequence: number; readonly timestamp: number } {
    this.#expected ??= timestamp;
    const ahead = timestampAhead(timestamp, this.#expected) * this.#clocks;
    const now = this.#head + this.#filled * this.#ticksOut;
    return { sequence: this.#sequence++ & 0xffff, timestamp: Math.round(now + ahead) >>> 0 };
  }

  /** Forgets what has not gone out: something else was said meanwhile. */
  restart(): void {
    if (this.#expected === undefined) return;
    this.#order = newOrder();
    this.#expected = undefined;
    this.#filled = 0;
    this.#marker = true;
  }

  close(): void {
    this.#decoder.close();
    this.#resampler?.close();
  }

  #hear({ timestamp, marker, payload }: Arrived, lost: number, sink: TranscodedSink): void {
    if (payload === undefined) return;
    const ahead = this.#expected === undefined ? 0 : timestampAhead(timestamp, this.#expected);
    const missing = Math.round(ahead / this.#ticksIn);
    if (lost > 0 && missing > 0 && missing <= (MAX_CONCEALED * this.#decoder.sampleRate) / 1000) {
      const made = decoded.subarray(0, missing);
      this.#decoder.conceal(made, payload);
      this.#append(made, sink);
    } else if (ahead !== 0) {
      this.#leap(ahead, sink);
    }
    if (marker) this.#marker = true;
    const count = this.#decoder.decode(payload, decoded);
    this.#append(decoded.subarray(0, count), sink);
    this.#expected = (timestamp + count * this.#ticksIn) >>> 0;
  }

  /** The sender's clock went on without audio, or started anew. */
  #leap(ahead: number, sink: TranscodedSink): void {
    const at = this.#head + this.#filled * this.#ticksOut;
    if (this.#filled > 0) {
      this.#packet.fill(0, this.#filled);
      this.#emit(sink);
    }
    if (ahead > 0) this.#head = Math.max(this.#head, Math.round(at + ahead * this.#clocks));
    this.#marker = true;
  }

  #append(samples: Int16Array, sink: TranscodedSink): void {
    let ready = samples;
    if (this.#resampler !== undefined) {
      // A packet may be longer than what is converted at once.
      let made = 0;
      for (let at = 0; at < samples.length; at += 960) {
        made += this.#resampler.push(samples.subarray(at, at + 960), converted.subarray(made));
      }
      ready = converted.subarray(0, made);
    }
    for (let at = 0; at < ready.length; ) {
      const part = ready.subarray(at, at + this.#packet.length - this.#filled);
      this.#packet.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#packet.length) this.#emit(sink);
    }
  }

  #emit(sink: TranscodedSink): void {
    const timestamp = this.#head >>> 0;
    this.#head += this.#packet.length * this.#ticksOut;
    this.#filled = 0;
    const marker = this.#marker;
    this.#marker = false;
    sink(this.#sequence++ & 0xffff, timestamp, marker, this.#packet);
  }
}

const newOrder = () =>
  new ReorderBuffer<Arrived>((packet) => ({ ...packet, payload: packet.payload?.slice() }));
