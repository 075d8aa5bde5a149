import { DIGITS, EVENT_SIZE, parseEvent, type TelephoneEvent } from './dtmf-event.ts';
import { CLOCK_RATE, timestampAhead } from './rtp-packet.ts';

/** A key that was pressed; its duration in milliseconds. */
export interface ReceivedDigit {
  readonly digit: string;
  readonly duration: number;
}

/** An event without a packet for so long has ended: its end packets were lost. Milliseconds. */
export const EVENT_TIMEOUT = 200;
/** Timestamps up to this many milliseconds back are late packets; further back the sender has started anew. */
const MAX_LATE = 10_000;

/** Keys per second that a leg's peer may press; nobody presses as many, and each is an event that is kept. */
export const KEYS_PER_SECOND = 20;
/** Events that are read of one packet (RFC 4733, section 2.5.1.5). */
const MOST_TOGETHER = 8;
/** Presses that are remembered, to know their packets when they come late or again. */
const REMEMBERED = 8;

const NONE: readonly ReceivedDigit[] = [];

interface Pressed {
  readonly event: number;
  /** Sequence number of its first packet, when that is known. */
  readonly first: number | undefined;
  /** That of its newest. */
  last: number | undefined;
  /** Ticks of the segments before it (RFC 4733, section 2.5.1.3). */
  readonly before: number;
  /** Timestamp of the segment that is being received. */
  timestamp: number;
  duration: number;
  heardAt: number;
}

/** A press that was reported, with the sequence number of its newest packet. */
interface Over {
  readonly event: number;
  readonly timestamp: number;
  readonly duration: number;
  readonly last: number | undefined;
}

/** Whether a packet was sent after another, by their sequence numbers; no when one is not known. */
const isAfter = (sequence: number | undefined, other: number | undefined): boolean =>
  sequence !== undefined && other !== undefined && ((sequence - other) << 16) >> 16 > 0;

/**
 * Makes digits out of telephone-event packets (RFC 4733): one for each press, however many of its packets came, came
 * twice or were lost. Events that are no keys are passed over.
 *
 * Senders that do not keep to the standard are understood where that is possible: several keys under one timestamp, which
 * differ by their event or begin with a short duration again; and timestamps that go on within one press.
 */
export class DtmfReceiver {
  /** Of the timestamps and durations, in hertz: the codec's (RFC 4733, section 2.1). */
  readonly clockRate: number;
  #pressed: Pressed | undefined;
  /** The presses that were reported last, the newest at the end. */
  #over: readonly Over[] = [];

  constructor(clockRate = CLOCK_RATE) {
    this.clockRate = clockRate;
  }

  /**
   * Takes all events of a packet's payload: each begins where the one before it ends (RFC 4733, section 2.5.1.5).
   *
   * @returns undefined when there is none
   */
  take(
    packet: Uint8Array,
    start: number,
    end: number,
    at: { readonly timestamp: number; readonly sequence: number },
    now: number,
  ): readonly ReceivedDigit[] | undefined {
    const first = parseEvent(packet, start, end);
    if (first === undefined) return undefined;
    let digits = this.push(first, at.timestamp, now, at.sequence);
    let timestamp = at.timestamp + first.duration;
    for (let i = 1; i < MOST_TOGETHER; i++) {
      const next = parseEvent(packet, start + i * EVENT_SIZE, end);
      // Some fill packets up with zeros.
      if (next === undefined || next.duration === 0) break;
      digits = [...digits, ...this.push(next, timestamp >>> 0, now, at.sequence)];
      timestamp += next.duration;
    }
    return digits;
  }

  /** Takes one event; `now` in milliseconds; `sequence` of its packet tells presses under one timestamp apart. */
  push(event: TelephoneEvent, timestamp: number, now: number, sequence?: number): readonly ReceivedDigit[] {
    if (event.event >= DIGITS.length) return NONE;
    let pressed = this.#pressed;
    const digits: ReceivedDigit[] = [];
    if (pressed === undefined || !goesOn(pressed, event, timestamp, sequence)) {
      if (this.#isRepeated(event, timestamp, sequence) || this.#isLate(timestamp)) return NONE;
      const before = this.#continued(event, timestamp);
      if (pressed !== undefined && before === 0) digits.push(this.#finish(pressed));
      pressed = {
        event: event.event,
        first: sequence,
        last: sequence,
        before,
        timestamp,
        duration: 0,
        heardAt: now,
      };
      this.#pressed = pressed;
    }
    pressed.timestamp = timestamp;
    pressed.duration = Math.max(pressed.duration, event.duration);
    pressed.heardAt = now;
    if (isAfter(sequence, pressed.last)) pressed.last = sequence;
    if (event.end) digits.push(this.#finish(pressed));
    return digits;
  }

  /** The digit whose end never came, if there is one at `now`. */
  expire(now: number): ReceivedDigit | undefined {
    const pressed = this.#pressed;
    if (pressed === undefined || now - pressed.heardAt < EVENT_TIMEOUT) return undefined;
    return this.#finish(pressed);
  }

  /** Forgets what went before: another sender's timestamps have nothing to do with it. */
  reset(): void {
    this.#pressed = undefined;
    this.#over = [];
  }

  #finish({ event, timestamp, before, duration, last }: Pressed): ReceivedDigit {
    this.#pressed = undefined;
    this.#over = [...this.#over.slice(1 - REMEMBERED), { event, timestamp, duration, last }];
    const ticks = before + duration;
    return { digit: DIGITS[event]!, duration: Math.round((1000 * ticks) / this.clockRate) };
  }

  /**
   * Whether a packet is of a press that was reported: no other can begin before that ends. It is another's when it starts
   * with a shorter duration than that had, after its last packet.
   */
  #isRepeated({ event, end, duration }: TelephoneEvent, timestamp: number, sequence?: number): boolean {
    return this.#over.some((over) => {
      const ahead = timestampAhead(timestamp, over.timestamp);
      if (over.event !== event || ahead < 0 || (ahead > 0 && ahead >= over.duration)) return false;
      return !(isAfter(sequence, over.last) && !end && duration < over.duration);
    });
  }

  #isLate(timestamp: number): boolean {
    const last = this.#pressed?.timestamp ?? this.#over.at(-1)?.timestamp;
    if (last === undefined) return false;
    const ahead = timestampAhead(timestamp, last);
    return ahead < 0 && ahead > (-MAX_LATE * this.clockRate) / 1000;
  }

  /** Ticks of the press that this event goes on with: a long press starts a segment where the last one ended. */
  #continued(event: TelephoneEvent, timestamp: number): number {
    const pressed = this.#pressed;
    if (pressed === undefined || pressed.event !== event.event) return 0;
    return timestampAhead(timestamp, pressed.timestamp) === 0xffff ? pressed.before + 0xffff : 0;
  }
}

/** Whether a packet is of the press that is under way. */
const goesOn = (
  pressed: Pressed,
  { event, duration, end }: TelephoneEvent,
  timestamp: number,
  sequence: number | undefined,
): boolean => {
  if (event !== pressed.event || isAfter(pressed.first, sequence)) return false;
  if (isAfter(sequence, pressed.last) && !end && duration < pressed.duration) return false;
  const ahead = timestampAhead(timestamp, pressed.timestamp);
  // Some let the timestamp go on with the duration.
  return ahead === 0 || (ahead > 0 && duration - pressed.duration >= ahead);
};
