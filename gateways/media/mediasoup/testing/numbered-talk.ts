import type { RtpPeer } from '../../testing/rtp-peer.ts';

const EVERY = 20;

/** A telephone that sends a packet every 20 ms, each with its number in it, so that each that gets lost is seen. */
export class NumberedTalk {
  sent = 0;
  payloadType: number;
  readonly #timer: NodeJS.Timeout;

  constructor(phone: RtpPeer, port: () => number, payloadType = 0) {
    this.payloadType = payloadType;
    this.#timer = setInterval(() => {
      const payload = new Uint8Array(160).fill(0xff);
      new DataView(payload.buffer).setUint32(0, this.sent++);
      phone.send(port(), this.payloadType, payload);
    }, EVERY);
  }

  /** Numbers up to the highest that came, of those since the first, that did not come. */
  static missing(phone: RtpPeer): number[] {
    const numbers = NumberedTalk.numbers(phone);
    const came = new Set(numbers);
    const missing: number[] = [];
    for (let number = Math.min(...numbers); number <= Math.max(...numbers); number++) {
      if (!came.has(number)) missing.push(number);
    }
    return missing;
  }

  static numbers(phone: RtpPeer): number[] {
    return phone.packets
      .filter(({ payload }) => payload.length === 160 && payload.subarray(4).every((byte) => byte === 0xff))
      .map(({ payload }) => new DataView(payload.buffer, payload.byteOffset).getUint32(0));
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
