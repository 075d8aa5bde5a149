/** Milliseconds for which media is sent to an address that nothing has come from. */
export const UNANSWERED_FOR = 5000;
/** Milliseconds for which it is in all of a session, to however many addresses in turn. */
const UNANSWERED_IN_ALL = 15_000;

/**
 * Bounds what is sent for SDP's word alone: it may name a host that knows nothing of the call, and that would be sent
 * 50 packets a second. Whoever wants media sends RTP, or RTCP at least (RFC 3550, section 6.2), and so shows that it is
 * there. An offer anew gives an address another while, but all of these together are bounded, too.
 *
 * Times are milliseconds of one clock that does not go back.
 */
export class UnansweredMedia {
  #left = UNANSWERED_IN_ALL;
  #address: string | undefined;
  /** How long it may still go on from when it began. */
  #limit = 0;
  #began: number | undefined;
  #answered = false;

  /** Signalling says where media goes from now on, which may be the same address again. */
  aim(address: string | undefined, now: number): void {
    if (this.#answered && address === this.#address) return;
    if (this.#began !== undefined && !this.#answered) this.#left -= Math.min(now - this.#began, this.#limit);
    this.#address = address;
    this.#limit = Math.min(UNANSWERED_FOR, this.#left);
    this.#began = undefined;
    this.#answered = false;
  }

  /** RTP or RTCP came from the address that media goes to. */
  answered(): void {
    this.#answered = true;
  }

  /** Whether a packet may be sent now; the time counts from the first. */
  allow(now: number): boolean {
    if (this.#answered) return true;
    this.#began ??= now;
    return now - this.#began < this.#limit;
  }

  /** Whether it was sent in vain for as long as it may be. */
  isSpent(now: number): boolean {
    return !this.#answered && this.#began !== undefined && now - this.#began >= this.#limit;
  }
}
