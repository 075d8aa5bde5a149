import { DtmfDetector } from '../audio/dtmf-detector.ts';
import type { Digit } from './dtmf-receiver.ts';
import { decode } from './g711-codec.ts';
import type { CodecName } from './media-plane.ts';
import { ReorderBuffer } from './reorder-buffer.ts';

/** Longer than any packet. */
const linear = new Int16Array(2048);

/** Hears digits in the audio of a peer that knows no telephone events. */
export class InbandListener {
  readonly codec: CodecName;
  readonly #order = new ReorderBuffer();
  readonly #detector = new DtmfDetector();

  constructor(codec: CodecName) {
    this.codec = codec;
  }

  push(sequence: number, payload: Uint8Array): readonly Digit[] {
    const digits: Digit[] = [];
    this.#order.push(sequence, payload, (inOrder) => {
      digits.push(...this.#detector.push(decode(this.codec, inOrder, linear)));
    });
    return digits;
  }
}
