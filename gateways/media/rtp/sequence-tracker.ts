import { sequenceAhead } from './rtp-packet.ts';

/** Jump ahead that is still taken for loss, and fall back that is taken for reordering (RFC 3550, A.1). */
const MAX_DROPOUT = 3000;
const MAX_MISORDER = 100;

/** Counts what one source's sequence numbers say was sent and lost (RFC 3550, appendices A.1 and A.3). */
export class SequenceTracker {
  received = 0;
  #base = 0;
  #highest = 0;
  #cycles = 0;
  /** The number that would confirm a jump too large to be loss; undefined when there was none. */
  #afterJump: number | undefined;
  #expectedBefore = 0;
  #receivedBefore = 0;

  constructor(firstSequence: number) {
    this.#restart(firstSequence);
  }

  #restart(sequence: number): void {
    this.#base = sequence;
    this.#highest = sequence;
    this.#cycles = 0;
    this.#afterJump = undefined;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
    this.received = 0;
  }

  /**
   * Takes the number of the next packet, the first one included.
   *
   * @returns false when the packet should be thrown away: it is far out of sequence and stands alone
   */
  push(sequence: number): boolean {
    const ahead = sequenceAhead(sequence, this.#highest);
    if (ahead > MAX_DROPOUT || ahead < -MAX_MISORDER) {
      if (sequence !== this.#afterJump) {
        this.#afterJump = (sequence + 1) & 0xffff;
        return false;
      }
      // Two in a row: the source has started anew without telling.
      this.#restart(sequence);
    } else if (ahead > 0) {
      if (sequence < this.#highest) this.#cycles += 0x10000;
      this.#highest = sequence;
    }
    this.#afterJump = undefined;
    this.received += 1;
    return true;
  }

  /** The highest number with its cycles above: modulo 2^32. */
  get extendedHighest(): number {
    return (this.#cycles + this.#highest) >>> 0;
  }

  get expected(): number {
    return this.#cycles + this.#highest - this.#base + 1;
  }

  /** Negative when there were more duplicates than losses. */
  get lost(): number {
    return this.expected - this.received;
  }

  /** Share lost since this was last called: 0 to 255, of 256. */
  takeFractionLost(): number {
    const expected = this.expected - this.#expectedBefore;
    const lost = expected - (this.received - this.#receivedBefore);
    this.#expectedBefore = this.expected;
    this.#receivedBefore = this.received;
    return expected <= 0 || lost <= 0 ? 0 : Math.min(255, Math.floor((lost * 256) / expected));
  }
}
