import type { types } from 'mediasoup';
import type { Format } from '../plane/index.ts';
import { heardParameters } from './formats.ts';

/** The name of the stream that comes from the other end's own code, for as long as the pipe is there. */
const LASTING = 0;
/** Streams that are awaited beyond the last one heard. */
const AHEAD = 2;
/** Streams that are kept behind it: one of them may still go on. */
const BEHIND = 8;

export interface StreamListener {
  /** A stream can come from now on. */
  awaited(stream: types.Producer): Promise<void>;
  /** Its first packet came. */
  began(stream: types.Producer): void;
}

/**
 * The streams that come on a pipe. Each has a number for a name, in a header extension of its packets: mediasoup sends
 * each with an SSRC that only it knows, and a stream cannot change its SSRC (nor may it, with one key: RFC 3711,
 * section 9.1). Number 0 lasts; each time that the other end's packets take another way, the next number begins. So a
 * few are awaited at any time, and nothing must be agreed with the other end.
 */
export class PipeStreams {
  readonly #transport: types.Transport;
  readonly #format: Format;
  readonly #listener: StreamListener;
  readonly #streams = new Map<number, types.Producer>();
  /** Those that were heard, in the order in which they began. */
  heard: readonly types.Producer[] = [];
  #highest = LASTING;
  #awaiting = LASTING - 1;

  constructor(transport: types.Transport, format: Format, listener: StreamListener) {
    this.#transport = transport;
    this.#format = format;
    this.#listener = listener;
  }

  /** Awaits the first streams. */
  async open(): Promise<void> {
    while (this.#awaiting < this.#highest + AHEAD) await this.#await(++this.#awaiting);
  }

  get all(): types.Producer[] {
    return [...this.#streams.values()];
  }

  async #await(number: number): Promise<void> {
    const stream = await this.#transport.produce({
      kind: 'audio',
      rtpParameters: heardParameters(this.#format, { name: String(number) }),
    });
    this.#streams.set(number, stream);
    // A score is given at the first packet.
    stream.once('score', () => this.#began(number, stream));
    await this.#listener.awaited(stream);
  }

  #began(number: number, stream: types.Producer): void {
    this.heard = [...this.heard, stream];
    this.#highest = Math.max(this.#highest, number);
    for (const [old, gone] of this.#streams) {
      if (old === LASTING || old >= this.#highest - BEHIND) continue;
      this.#streams.delete(old);
      this.heard = this.heard.filter((kept) => kept !== gone);
      gone.close();
    }
    this.#listener.began(stream);
    // Its process may be gone meanwhile, and then the pipe is.
    this.open().catch(() => {});
  }
}
