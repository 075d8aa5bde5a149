import { DIGITS, type TelephoneEvent } from './dtmf-event.ts';
import { CLOCK_RATE, timestampAhead } from './rtp-packet.ts';

/** A key that was pressed; its duration in milliseconds. */
export interface Digit {
  readonly digit: string;
  readonly duration: number;
}

/** An event without a packet for so long has ended: its end packets were lost. Milliseconds. */
export const EVENT_TIMEOUT = 200;
/** Timestamps up to this many milliseconds back are late packets; further back the sender has started anew. */
const MAX_LATE = 10_000;

const NONE: readonly Digit[] = [];

interface Pressed {
  readonly event: number;
  /** Timestamp of the segment that is being received. */
  readonly timestamp: number;
  /** Ticks of the segments before it (RFC 4733, section 2.5.1.3). */
  readonly before: number;
  duration: number;
  heardAt: number;
}

/**
 * Makes digits out of telephone-event packets (RFC 4733): one for each press, however many of its packets came, came
 * twice or were lost. Events that are no keys are passed over.
 */
export class DtmfReceiver {
  /** Of the timestamps and durations, in hertz: the codec's (RFC 4733, section 2.1). */
  readonly clockRate: number;
  #pressed: Pressed | undefined;
  /** Timestamp of the last press that was reported. */
  #done: number | undefined;

  constructor(clockRate = CLOCK_RATE) {
    this.clockRate = clockRate;
  }

  /** Takes an event packet; `now` in milliseconds. */
  push(event: TelephoneEvent, timestamp: number, now: number): readonly Digit[] {
    if (event.event >= DIGITS.length || this.#isLate(timestamp)) return NONE;
    const digits: Digit[] = [];
    let pressed = this.#pressed;
    if (pressed === undefined || pressed.timestamp !== timestamp) {
      const before = this.#continued(event, timestamp);
      if (pressed !== undefined && before === 0) digits.push(this.#digit(pressed));
      pressed = { event: event.event, timestamp, before, duration: 0, heardAt: now };
      this.#pressed = pressed;
    }
    pressed.duration = Math.max(pressed.duration, event.duration);
    pressed.heardAt = now;
    if (event.end) digits.push(this.#finish(pressed));
    return digits;
  }

  /** The digit whose end never came, if there is one at `now`. */
  expire(now: number): Digit | undefined {
    const pressed = this.#pressed;
    if (pressed === undefined || now - pressed.heardAt < EVENT_TIMEOUT) return undefined;
    return this.#finish(pressed);
  }

  /** Forgets what went before: another sender's timestamps have nothing to do with it. */
  reset(): void {
    this.#pressed = undefined;
    this.#done = undefined;
  }

  #finish(pressed: Pressed): Digit {
    this.#pressed = undefined;
    this.#done = pressed.timestamp;
    return this.#digit(pressed);
  }

  #digit(pressed: Pressed): Digit {
    const ticks = pressed.before + pressed.duration;
    return { digit: DIGITS[pressed.event]!, duration: Math.round((1000 * ticks) / this.clockRate) };
  }

  #isLate(timestamp: number): boolean {
    const last = this.#pressed?.timestamp ?? this.#done;
    if (last === undefined) return false;
    const ahead = timestampAhead(timestamp, last);
    return (
      (ahead === 0 && this.#pressed === undefined) ||
      (ahead < 0 && ahead > (-MAX_LATE * this.clockRate) / 1000)
    );
  }

  /** Ticks of the press that this event goes on with: a long press starts a segment where the last one ended. */
  #continued(event: TelephoneEvent, timestamp: number): number {
    const pressed = this.#pressed;
    if (pressed === undefined || pressed.event !== event.event) return 0;
    return timestampAhead(timestamp, pressed.timestamp) === 0xffff ? pressed.before + 0xffff : 0;
  }
}
