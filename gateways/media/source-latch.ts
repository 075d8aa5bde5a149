/** A transport address. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

/**
 * What becomes of a packet: `accepted` from the source we know, `latched` from the one that we know from now on,
 * `probation` from one that has yet to show a second packet in sequence, `stranger` from any other.
 */
export type Verdict = 'accepted' | 'latched' | 'probation' | 'stranger';

/** A known source must be silent for so long before another may take its place; milliseconds. */
export const RELATCH_AFTER = 500;
/** A candidate has so long to send its next packet in sequence; milliseconds. */
const PROBATION = 100;

interface Candidate extends Source {
  readonly ssrc: number;
  readonly nextSequence: number;
  readonly since: number;
}

/**
 * Decides where a peer's media comes from, and so where ours goes (symmetric RTP, RFC 4961).
 *
 * - Before anything was heard, media goes to the address in SDP.
 * - The address in SDP is believed at its first packet. Any other source (a peer behind NAT that wrote its private
 *   address) is believed at its second packet in sequence (RFC 3550, A.1), so that one stray packet moves nothing.
 * - A source that is believed keeps its place while it sends. Only after it was silent for 500 ms may another take
 *   over: at once when it goes on with the same SSRC or is the address in SDP, else at its second packet.
 * - When SDP names another address, the source known until then gives way: for 500 ms it is not believed again, so
 *   that packets still on their way do not hold media at the old place.
 * - While frozen (the peer was told not to send) nobody takes over from a believed source.
 *
 * Times are milliseconds of one clock that does not go back.
 */
export class SourceLatch {
  /** While set, a silent source keeps its place. */
  frozen = false;
  #signalled: Source | undefined;
  #known: Source | undefined;
  #ssrc = 0;
  #heardAt = 0;
  #former: Source | undefined;
  #formerUntil = 0;
  #candidate: Candidate | undefined;

  /** Sets the address that SDP names. An unusable one (a name, or port 0) leaves only what is heard. */
  signal(source: Source | undefined, now: number): void {
    if (source?.address === this.#signalled?.address && source?.port === this.#signalled?.port) return;
    this.#signalled = source;
    this.#former = this.#known;
    this.#formerUntil = now + RELATCH_AFTER;
    this.#known = undefined;
    this.#candidate = undefined;
  }

  /** Where to send. */
  get destination(): Source | undefined {
    return this.#known ?? this.#signalled;
  }

  /** The source that is believed. */
  get known(): Source | undefined {
    return this.#known;
  }

  get isSignalled(): boolean {
    return this.#known !== undefined && this.#isSignalled(this.#known.address, this.#known.port);
  }

  /** Whether another source could take over now. */
  isOpen(now: number): boolean {
    return this.#known === undefined || (!this.frozen && now - this.#heardAt >= RELATCH_AFTER);
  }

  /** The known source was heard by others. */
  refresh(now: number): void {
    this.#heardAt = now;
  }

  judge(address: string, port: number, ssrc: number, sequence: number, now: number): Verdict {
    const known = this.#known;
    if (known !== undefined && port === known.port && address === known.address) {
      this.#ssrc = ssrc;
      this.#heardAt = now;
      return 'accepted';
    }
    if (!this.isOpen(now) || this.#isFormer(address, port, now)) return 'stranger';
    const goesOn = known !== undefined && ssrc === this.#ssrc;
    if (!goesOn && !this.#isSignalled(address, port) && !this.#hasProven(address, port, ssrc, sequence)) {
      return this.#consider({ address, port, ssrc, nextSequence: (sequence + 1) & 0xffff, since: now });
    }
    this.#known = { address, port };
    this.#ssrc = ssrc;
    this.#heardAt = now;
    this.#candidate = undefined;
    this.#former = undefined;
    return 'latched';
  }

  #isSignalled(address: string, port: number): boolean {
    return port === this.#signalled?.port && address === this.#signalled.address;
  }

  #isFormer(address: string, port: number, now: number): boolean {
    const former = this.#former;
    return (
      former !== undefined && now < this.#formerUntil && port === former.port && address === former.address
    );
  }

  #hasProven(address: string, port: number, ssrc: number, sequence: number): boolean {
    const candidate = this.#candidate;
    return (
      candidate !== undefined &&
      candidate.port === port &&
      candidate.address === address &&
      candidate.ssrc === ssrc &&
      candidate.nextSequence === sequence
    );
  }

  /** One candidate at a time; another takes its turn only when this one did not go on in time. */
  #consider(next: Candidate): Verdict {
    const current = this.#candidate;
    const same = current !== undefined && current.address === next.address && current.port === next.port;
    if (current !== undefined && !same && next.since - current.since < PROBATION) return 'stranger';
    this.#candidate = next;
    return 'probation';
  }
}
