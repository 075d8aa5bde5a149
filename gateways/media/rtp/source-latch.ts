/** A transport address. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

/**
 * Who may be heard beside the address in SDP: `never` anybody; `host`: the peer's own hosts, and anybody only where
 * the address in SDP cannot be one that the peer is seen with; `any`: whoever sends, once the others are silent.
 */
export type LatchRule = 'never' | 'host' | 'any';

/** What signalling says of a peer's media. */
export interface SignalledSource {
  /** The address in SDP; none when it is no address (a name, or port 0). */
  readonly source: Source | undefined;
  /** Whether the peer would be seen with that address: it is public, and of a family that we have. */
  readonly isPublic: boolean;
  readonly rule: LatchRule;
  /** Whether an address is the signalling peer's, or in its trunk's networks. */
  isTrusted(address: string): boolean;
}

/**
 * What becomes of a packet: `accepted` from the source we know, `latched` from the one that we know from now on,
 * `probation` from one that has yet to show a second packet in sequence, `former` from the one that SDP has just
 * replaced, `stranger` from any other.
 */
export type LatchVerdict = 'accepted' | 'latched' | 'probation' | 'former' | 'stranger';

/** A known source must be silent for so long before another of its rank may take its place; milliseconds. */
export const RELATCH_AFTER = 500;
/** A candidate has so long to send its next packet in sequence; milliseconds. */
const PROBATION = 100;

/** How much a source is worth: whoever is worth more takes over from whoever is worth less. */
export const rank = { signalled: 3, trusted: 2, tolerated: 1, refused: 0 } as const;

export type Rank = (typeof rank)[keyof typeof rank];

interface Candidate extends Source {
  readonly ssrc: number;
  readonly nextSequence: number;
  readonly since: number;
}

/**
 * Decides where a peer's media comes from, and so where ours goes (symmetric RTP, RFC 4961), so that nobody else can
 * take it (RFC 7362, section 5).
 *
 * - The address in SDP wins at its first packet, always: also from a source that sends, and while frozen.
 * - The peer's own hosts (the one in SDP with another port, the one that signals, its trunk's networks) are believed
 *   at their second packet in sequence (RFC 3550, A.1), so that one stray packet moves nothing.
 * - Anybody else is, too, where the address in SDP cannot be the one that packets come from (it is private, say, and
 *   the peer behind NAT), until the first was; its place is then taken only by another port of its host, or by those
 *   above. With the rule `any`, by anybody.
 * - A source keeps its place while it sends: one that is worth no more takes over only after it was silent for
 *   500 ms; at once when it goes on with the same SSRC, else at its second packet.
 * - When SDP names another address, the source known until then gives way: for 500 ms it is not believed again, so
 *   that packets still on their way do not hold media at the old place.
 * - While frozen (the peer was told not to send) nobody but the address in SDP takes over from a believed source.
 *
 * Times are milliseconds of one clock that does not go back.
 */
export class SourceLatch {
  /** While set, a silent source keeps its place. */
  frozen = false;
  #signalled: SignalledSource = { source: undefined, isPublic: false, rule: 'never', isTrusted: () => false };
  #known: Source | undefined;
  #ssrc = 0;
  #heardAt = 0;
  #former: Source | undefined;
  #formerUntil = 0;
  #candidate: Candidate | undefined;
  /** The host that was asked about last, and whether it is trusted: most packets come from the same. */
  #asked: { readonly address: string; readonly isTrusted: boolean } | undefined;

  /** Sets what signalling says. The same address again leaves the source that is known. */
  signal(signalled: SignalledSource, now: number): void {
    const { source } = this.#signalled;
    this.#signalled = signalled;
    this.#asked = undefined;
    if (source?.address === signalled.source?.address && source?.port === signalled.source?.port) return;
    this.#former = this.#known;
    this.#formerUntil = now + RELATCH_AFTER;
    this.#known = undefined;
    this.#candidate = undefined;
  }

  /** The source that is believed. */
  get known(): Source | undefined {
    return this.#known;
  }

  get isSignalled(): boolean {
    return this.#known !== undefined && this.#isSignalled(this.#known.address, this.#known.port);
  }

  /** Whether another than the signalled source could take over now. */
  isOpen(now: number): boolean {
    return this.#known === undefined || (!this.frozen && this.#isSilent(now));
  }

  /** The known source was heard by others. */
  refresh(now: number): void {
    this.#heardAt = now;
  }

  /** What packets from there are worth, whoever is heard now. */
  rankOf(address: string, port: number): Rank {
    if (this.#isSignalled(address, port)) return rank.signalled;
    const { source, isPublic, rule } = this.#signalled;
    if (rule === 'never') return rank.refused;
    if (address === source?.address || this.#isTrusted(address)) return rank.trusted;
    return rule === 'any' || !isPublic ? rank.tolerated : rank.refused;
  }

  judge(address: string, port: number, ssrc: number, sequence: number, now: number): LatchVerdict {
    const known = this.#known;
    if (known !== undefined && port === known.port && address === known.address) {
      this.#ssrc = ssrc;
      this.#heardAt = now;
      return 'accepted';
    }
    const worth = this.rankOf(address, port);
    if (worth !== rank.signalled) {
      if (this.#isFormer(address, port, now)) return 'former';
      if (!this.#mayTakeOver(address, worth, now)) return 'stranger';
      const goesOn = known !== undefined && ssrc === this.#ssrc && this.#isSilent(now);
      if (!goesOn && !this.#hasProven(address, port, ssrc, sequence))
        return this.#consider({
          address,
          port,
          ssrc,
          nextSequence: (sequence + 1) & 0xffff,
          since: now,
        });
    }
    this.#known = { address, port };
    this.#ssrc = ssrc;
    this.#heardAt = now;
    this.#candidate = undefined;
    this.#former = undefined;
    return 'latched';
  }

  #mayTakeOver(address: string, worth: Rank, now: number): boolean {
    const known = this.#known;
    if (worth === rank.refused) return false;
    if (known === undefined) return true;
    if (this.frozen) return false;
    if (worth > this.rankOf(known.address, known.port)) return true;
    if (!this.#isSilent(now)) return false;
    return worth === rank.trusted || this.#signalled.rule === 'any' || address === known.address;
  }

  #isSilent(now: number): boolean {
    return now - this.#heardAt >= RELATCH_AFTER;
  }

  #isTrusted(address: string): boolean {
    if (this.#asked?.address !== address)
      this.#asked = { address, isTrusted: this.#signalled.isTrusted(address) };
    return this.#asked.isTrusted;
  }

  #isSignalled(address: string, port: number): boolean {
    const { source } = this.#signalled;
    return source !== undefined && port === source.port && address === source.address;
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

  /** One candidate at a time; another takes its turn when it is worth more, or this one did not go on in time. */
  #consider(next: Candidate): LatchVerdict {
    const current = this.#candidate;
    const same = current !== undefined && current.address === next.address && current.port === next.port;
    if (current !== undefined && !same && next.since - current.since < PROBATION) {
      if (this.rankOf(next.address, next.port) <= this.rankOf(current.address, current.port))
        return 'stranger';
    }
    this.#candidate = next;
    return 'probation';
  }
}
