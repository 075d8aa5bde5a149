import { randomBytes } from 'node:crypto';
import { CLOCK_RATE, sequenceAhead, timestampAhead } from './rtp-packet.ts';

/** Packets after a switch during which one from before it may still come in late. */
const LATE_WINDOW = 100;
/** A jump in the forwarded numbers beyond this is a restart of theirs, not loss. */
const MAX_JUMP = 3000;
/** Milliseconds between two packets of different origin, at the least. */
const MIN_STEP = 20;

/** Where a stream starts: drawn at random (RFC 3550, section 5.1). */
export interface StreamStart {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
}

export const randomStart = (): StreamStart => {
  const bytes = randomBytes(10);
  return { ssrc: bytes.readUInt32BE(0), timestamp: bytes.readUInt32BE(4), sequence: bytes.readUInt16BE(8) };
};

/**
 * The one RTP stream that a peer gets from us for as long as its session lives. Whatever it is made of in turn (our
 * own audio, one peer's packets, another's), SSRC, sequence numbers and timestamps go on without a break; the first
 * packet after a change carries the marker. Loss and reordering of what is forwarded stay visible to the receiver.
 *
 * `sequence`, `timestamp` and `marker` are those of the packet that the last call was about.
 */
export class SendStream {
  readonly ssrc: number;
  sequence: number;
  timestamp: number;
  marker = false;
  /** Sent so far, payload bytes only (RFC 3550, section 6.4.1). */
  packets = 0;
  octets = 0;
  /** Ticks of its clock in a millisecond; another codec may have another clock, from the next packet on. */
  ticksPerMs = CLOCK_RATE / 1000;
  readonly #start: number;
  /** Timestamp of the event of our own that is being sent. */
  #eventStarted = 0;
  #next: number;
  #highestTimestamp: number;
  #sentAt: number | undefined;
  #origin: 'none' | 'own' | 'forwarded' = 'none';
  #source = 0;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  #firstIn = 0;
  #sinceSwitch = 0;
  #hole = false;

  constructor(start: StreamStart) {
    this.ssrc = start.ssrc;
    this.#start = start.timestamp;
    this.sequence = start.sequence;
    this.timestamp = start.timestamp;
    this.#next = start.sequence;
    this.#highestTimestamp = start.timestamp;
  }

  /** Counts the packet that was stamped last as sent. */
  count(payloadSize: number): void {
    this.packets += 1;
    this.octets += payloadSize;
  }

  /** The timestamp of this moment on the stream's clock, for sender reports. */
  timestampAt(now: number): number {
    const elapsed = this.#sentAt === undefined ? 0 : now - this.#sentAt;
    return (this.#highestTimestamp + Math.round(elapsed * this.ticksPerMs)) >>> 0;
  }

  /**
   * Stamps a packet of our own audio, `advance` ticks after the one before it (of which more than a packet's worth was
   * slept through when `advance` says so). Milliseconds for `now`, here and below.
   */
  own(now: number, advance: number): void {
    this.marker = this.#origin !== 'own';
    this.timestamp = this.marker ? this.#goOn(now) : (this.timestamp + advance) >>> 0;
    this.#origin = 'own';
    this.#take(now);
  }

  /**
   * Stamps a packet of an event: all packets of one event have the timestamp of its start.
   *
   * @param ticksPerMs of the event's clock, where that is not the stream's
   */
  event(now: number, first: boolean, ticksPerMs = this.ticksPerMs): void {
    this.marker = first;
    if (first) this.#eventStarted = this.#goOn(now);
    this.timestamp = this.#eventStarted;
    this.#origin = 'none';
    this.#take(first ? now : this.#sentAt!);
    this.tickAs(ticksPerMs);
  }

  /**
   * Writes the timestamp of the packet that was stamped last on another clock, which began when the stream did, so that
   * all of one clock's are as far apart as their packets were (RFC 7160, section 4.2).
   */
  tickAs(ticksPerMs: number): void {
    if (ticksPerMs === this.ticksPerMs) return;
    const since = (this.timestamp - this.#start) >>> 0;
    this.timestamp = (this.#start + Math.round((since * ticksPerMs) / this.ticksPerMs)) >>> 0;
  }

  /**
   * Stamps a packet that is forwarded.
   *
   * @returns false when it comes too late: from before the change to this source
   */
  forward(now: number, ssrc: number, sequence: number, timestamp: number, marker: boolean): boolean {
    const switched = this.#origin !== 'forwarded' || ssrc !== this.#source;
    if (switched) this.#timestampOffset = this.#goOn(now) - timestamp;
    const jump = sequenceAhead(sequence + this.#sequenceOffset, this.#next);
    if (switched || this.#hole || Math.abs(jump) > MAX_JUMP) {
      if (this.#hole && !switched && jump < 0) return false;
      this.#sequenceOffset = this.#next - sequence;
      this.#firstIn = sequence;
      this.#sinceSwitch = 0;
      this.#hole = false;
    } else if (this.#sinceSwitch < LATE_WINDOW && sequenceAhead(sequence, this.#firstIn) < 0) {
      return false;
    }
    this.#origin = 'forwarded';
    this.#source = ssrc;
    this.#sinceSwitch += 1;
    this.marker = marker || switched;
    this.sequence = (sequence + this.#sequenceOffset) & 0xffff;
    this.timestamp = (timestamp + this.#timestampOffset) >>> 0;
    if (sequenceAhead(this.sequence, this.#next) >= 0) this.#next = (this.sequence + 1) & 0xffff;
    this.#passed(now);
    return true;
  }

  /** A packet of the source is left out on purpose: the receiver shall not take it for lost. */
  leaveOut(): void {
    this.#hole = true;
  }

  /** What comes next, whatever it is, is another talkspurt: timestamps skip the time that has passed. */
  interrupt(): void {
    this.#origin = 'none';
  }

  #take(now: number): void {
    this.sequence = this.#next;
    this.#next = (this.#next + 1) & 0xffff;
    this.#hole = false;
    this.#passed(now);
  }

  #passed(now: number): void {
    if (this.#sentAt !== undefined && timestampAhead(this.timestamp, this.#highestTimestamp) < 0) return;
    this.#highestTimestamp = this.timestamp;
    this.#sentAt = now;
  }

  /** The timestamp with which another origin goes on: as far on as time has passed. */
  #goOn(now: number): number {
    if (this.#sentAt === undefined) return this.#highestTimestamp;
    const elapsed = Math.round((now - this.#sentAt) * this.ticksPerMs);
    return (this.#highestTimestamp + Math.max(MIN_STEP * this.ticksPerMs, elapsed)) >>> 0;
  }
}
