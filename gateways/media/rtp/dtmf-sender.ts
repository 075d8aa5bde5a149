import { DIGITS, type TelephoneEvent } from './dtmf-event.ts';
import { CLOCK_RATE } from './rtp-packet.ts';

/** Milliseconds that a digit lasts, that there are between two, and that a `w` waits. */
const TONE = 100;
const GAP = 100;
export const PAUSE = 500;
/** The packet that ends an event is sent three times in all (RFC 4733, section 2.5.1.4). */
const END_PACKETS = 3;
/** Power below 0 dBm0, in dB. */
const VOLUME = 10;
/** Digits that may wait to be sent. */
export const MAX_QUEUED_DIGITS = 128;

/** What a step sends: a packet of an event, or nothing while it waits. */
export type DtmfStep = { readonly event: TelephoneEvent; readonly first: boolean } | 'gap';

/**
 * Spells digits as telephone events (RFC 4733): each packet of an event says how long it has lasted so far. The owner
 * calls `next` once every packet time and sends what it says.
 */
export class DtmfSender {
  #queue = '';
  /** Milliseconds since the digit or pause at the head of the queue began. */
  #elapsed = 0;

  /**
   * Adds digits to those that wait; characters that are none (and `w`) are left out, as are those beyond the bound.
   *
   * @param digits 0-9, *, #, A-D, and `w` for half a second's wait
   */
  enqueue(digits: string): void {
    const known = [...digits.toUpperCase()].filter((digit) => digit === 'W' || DIGITS.includes(digit));
    this.#queue = (this.#queue + known.join('')).slice(0, MAX_QUEUED_DIGITS);
  }

  get isActive(): boolean {
    return this.#queue !== '';
  }

  /** All that waits, which is then not sent as events. */
  takeAll(): string {
    const digits = this.#queue;
    this.#queue = '';
    this.#elapsed = 0;
    return digits;
  }

  /**
   * The next step of `step` milliseconds; undefined when there is nothing (more) to send.
   *
   * @param clockRate of the event's duration, in hertz: its codec's
   */
  next(step: number, clockRate = CLOCK_RATE): DtmfStep | undefined {
    const head = this.#queue[0];
    if (head === undefined) return undefined;
    const before = this.#elapsed;
    this.#elapsed += step;
    const tone = Math.max(TONE, step);
    if (this.#elapsed >= (head === 'W' ? PAUSE : Math.max(tone + GAP, tone + END_PACKETS * step))) {
      this.#queue = this.#queue.slice(1);
      this.#elapsed = 0;
    }
    const endsAt = Math.ceil(tone / step) * step;
    if (head === 'W' || before + step >= endsAt + END_PACKETS * step) return 'gap';
    const duration = (Math.min(before + step, tone) * clockRate) / 1000;
    const end = before + step >= endsAt;
    return { event: { event: DIGITS.indexOf(head), end, volume: VOLUME, duration }, first: before === 0 };
  }
}
