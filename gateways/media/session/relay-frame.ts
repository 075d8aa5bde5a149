import type { CodecName } from '../../audio/codecs/index.ts';

/**
 * A packet on its way from one session to its partner. The payload is changed and its header written where it lies,
 * so a frame is valid during the call that passes it on; there are at least 12 bytes before the payload.
 */
export interface RelayFrame {
  /** The session it comes from. */
  from: string;
  /** `skip` stands for a packet that is not passed on, but that its receiver must not take for lost. */
  kind: 'audio' | 'event' | 'skip';
  codec: CodecName;
  marker: boolean;
  ssrc: number;
  sequence: number;
  timestamp: number;
  /** Of the timestamp, and of an event's duration, in hertz. */
  clockRate: number;
  packet: Uint8Array;
  payloadStart: number;
  payloadEnd: number;
}

/** Whoever takes frames: a session, here or in another worker. */
export interface RelayTarget {
  relay(frame: RelayFrame): void;
}
