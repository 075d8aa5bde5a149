import type { AudioDecoder, CodecName } from '../../audio/codecs/index.ts';
import { openDecoder } from '../../audio/codecs/index.ts';
import { DtmfDetector } from '../../audio/signal/index.ts';
import type { ReceivedDigit } from '../rtp/index.ts';
import { ReorderBuffer } from '../rtp/index.ts';

/** Longer than any packet at 8 kHz. */
const linear = new Int16Array(5760);
/** A peer that sends nothing for so long is silent; milliseconds. */
const SILENT_AFTER = 100;
/** Enough for the detector to see that a key has ended: 80 ms. */
const SILENCE = new Int16Array(640);

/** Hears digits in the audio of a peer that knows no telephone events. Whoever opens one closes it. */
export class InbandListener {
  readonly codec: CodecName;
  readonly #order = new ReorderBuffer<Uint8Array>((payload) => payload.slice());
  /** Made when the first packet comes: a leg that is held in silence needs none. */
  #detector: DtmfDetector | undefined;
  #decoder: AudioDecoder | undefined;
  #heardAt: number | undefined;

  constructor(codec: CodecName) {
    this.codec = codec;
  }

  /** Takes a packet's payload; `now` in milliseconds. */
  push(sequence: number, payload: Uint8Array, now: number): readonly ReceivedDigit[] {
    this.#heardAt = now;
    this.#detector ??= new DtmfDetector();
    this.#decoder ??= openDecoder(this.codec, 8000);
    const [detector, decoder] = [this.#detector, this.#decoder];
    const digits: ReceivedDigit[] = [];
    this.#order.push(sequence, payload, (inOrder) => {
      digits.push(...detector.push(linear.subarray(0, decoder.decode(inOrder, linear))));
    });
    return digits;
  }

  /** The key that ended because the peer stopped sending (voice activity detection). */
  expire(now: number): readonly ReceivedDigit[] {
    if (this.#heardAt === undefined || now - this.#heardAt < SILENT_AFTER) return [];
    this.#heardAt = undefined;
    return this.#detector?.push(SILENCE) ?? [];
  }

  close(): void {
    this.#decoder?.close();
    this.#decoder = undefined;
  }
}
