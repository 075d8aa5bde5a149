/** Events 0 to 15 of RFC 4733, section 3.2, by their number. */
export const DIGITS = '0123456789*#ABCD';

/** Bytes of a telephone-event payload. */
export const EVENT_SIZE = 4;

export interface TelephoneEvent {
  readonly event: number;
  readonly end: boolean;
  /** Power below 0 dBm0: 0 to 63 dB. */
  readonly volume: number;
  /** Since the packet's timestamp, in RTP clock ticks: 0 to 65535. */
  readonly duration: number;
}

/** Reads the first event of a payload (RFC 4733, section 2.3); undefined when there is none. */
export const parseEvent = (packet: Uint8Array, start: number, end: number): TelephoneEvent | undefined =>
  end - start < EVENT_SIZE
    ? undefined
    : {
        event: packet[start]!,
        end: (packet[start + 1]! & 0x80) !== 0,
        volume: packet[start + 1]! & 0x3f,
        duration: (packet[start + 2]! << 8) | packet[start + 3]!,
      };

export const writeEvent = (packet: Uint8Array, at: number, event: TelephoneEvent): void => {
  packet[at] = event.event;
  packet[at + 1] = (event.end ? 0x80 : 0) | event.volume;
  packet[at + 2] = event.duration >> 8;
  packet[at + 3] = event.duration;
};
