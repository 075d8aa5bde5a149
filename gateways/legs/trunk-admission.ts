import type { Unavailable } from '../sip/index.ts';

/** What one trunk may make a gateway hold. */
export interface TrunkLimits {
  readonly name: string;
  /** Legs at once, its own and ours over it; absent: nine tenths of the gateway's, or all when it is the only trunk. */
  readonly capacity?: number;
  /** INVITEs outside dialogs a second, and as many at once; any number when absent. */
  readonly invitesPerSecond?: number;
}

export interface TrunkAdmissionOptions {
  /** Legs that the gateway may have at once. */
  readonly capacity: number;
  readonly trunks: readonly TrunkLimits[];
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Seconds after which a caller may try again whose trunk is full, and whose trunk calls too often. */
const FULL_FOR = 10;
const BUSY_FOR = 1;

/**
 * Calls a second that trunks have together however much there is to do, each the same part of them: a fraction of what a
 * gateway sets up, so that these alone never overload it.
 */
const KEPT_PER_SECOND = 8;

/** However small a gateway is, so many calls of a trunk may be under way that have not shown that they hear us. */
const LEAST_UNCONFIRMED = 10;

/**
 * How far a call is whose INVITE came over UDP, from an address that may be made up. `offered`: we have not answered.
 * `answered`: we have, and no ACK came. `confirmed`: who called has heard us.
 */
type Stage = 'offered' | 'answered' | 'confirmed';

interface TrunkState {
  readonly capacity: number;
  /** Whether the operator has said how many legs it may have; then that holds for calls of ours, too. */
  readonly isConfigured: boolean;
  readonly legs: Record<Stage, number>;
  /** Of INVITEs, and of those that are kept for it. */
  readonly calls: TokenBucket;
  readonly kept: TokenBucket;
}

/** What a trunk may do so often a second; what it leaves of one second is there in the next. */
interface TokenBucket {
  readonly perSecond: number;
  tokens: number;
  filledAt: number;
}

interface AdmittedLeg {
  readonly trunk: TrunkState;
  stage: Stage;
}

const legsOf = ({ legs }: TrunkState): number => legs.offered + legs.answered + legs.confirmed;

/**
 * Shares a gateway's legs among its trunks. One trunk takes them all only when the operator says so; and of those that it
 * takes only a part is given to callers who have not shown yet that they hear our answers: half to those whom we have not
 * answered, a tenth to those who have not acknowledged our answer, which takes a round trip. INVITEs from made-up
 * addresses so cost their trunk a part of its legs, and other trunks nothing.
 */
export class TrunkAdmission {
  readonly #trunks: ReadonlyMap<string, TrunkState>;
  readonly #legs = new Map<string, AdmittedLeg>();
  readonly #now: () => number;

  constructor({ capacity, trunks, now = () => performance.now() }: TrunkAdmissionOptions) {
    this.#now = now;
    const share = trunks.length > 1 ? capacity - Math.floor(capacity / 10) : capacity;
    this.#trunks = new Map(
      trunks.map((trunk) => {
        const state: TrunkState = {
          capacity: Math.min(trunk.capacity ?? share, capacity),
          isConfigured: trunk.capacity !== undefined,
          legs: { offered: 0, answered: 0, confirmed: 0 },
          calls: this.#bucket(trunk.invitesPerSecond ?? Number.POSITIVE_INFINITY),
          // Alone it has nobody to be protected from.
          kept: this.#bucket(trunks.length > 1 ? KEPT_PER_SECOND / trunks.length : 0),
        };
        return [trunk.name, state];
      }),
    );
  }

  /**
   * Whether a trunk calls so seldom that what there is too much of comes from others. Each question counts as an INVITE,
   * so a trunk that floods us is not quiet for as long as it does.
   */
  isQuiet(name: string | undefined): boolean {
    const trunk = this.#trunks.get(name ?? '');
    return trunk !== undefined && this.#take(trunk.kept, true);
  }

  /** Why no call of a trunk's is taken now, if none is. Each question counts as an INVITE. */
  refusal(name: string | undefined): Unavailable | undefined {
    const trunk = this.#trunks.get(name ?? '');
    if (trunk === undefined) return undefined;
    if (!this.#take(trunk.calls))
      return { reason: 'Q.850;cause=42;text="Too many calls a second"', retryAfter: BUSY_FOR };
    if (legsOf(trunk) >= trunk.capacity)
      return { reason: 'Q.850;cause=42;text="The trunk is at its capacity"', retryAfter: FULL_FOR };
    const { offered, answered } = trunk.legs;
    const isUnheard =
      offered + answered >= Math.max(LEAST_UNCONFIRMED, Math.floor(trunk.capacity / 2)) ||
      answered >= Math.max(LEAST_UNCONFIRMED, Math.floor(trunk.capacity / 10));
    if (isUnheard)
      return { reason: 'Q.850;cause=42;text="Too many calls are not acknowledged"', retryAfter: FULL_FOR };
    return undefined;
  }

  /** Trunks over which no call of ours is sent now, because they have the legs that the operator gives them. */
  get full(): ReadonlySet<string> {
    const found = new Set<string>();
    for (const [name, trunk] of this.#trunks)
      if (trunk.isConfigured && legsOf(trunk) >= trunk.capacity) found.add(name);
    return found;
  }

  /** A leg is over a trunk now, and over no other any more. */
  began(legId: string, name: string | undefined, stage: Stage): void {
    this.over(legId);
    const trunk = this.#trunks.get(name ?? '');
    if (trunk === undefined) return;
    this.#legs.set(legId, { trunk, stage });
    trunk.legs[stage]++;
  }

  /** We have answered the leg's INVITE. */
  answered(legId: string): void {
    const leg = this.#legs.get(legId);
    if (leg?.stage === 'offered') this.#move(leg, 'answered');
  }

  /** Who called has shown that it hears us. */
  confirmed(legId: string): void {
    const leg = this.#legs.get(legId);
    if (leg !== undefined) this.#move(leg, 'confirmed');
  }

  over(legId: string): void {
    const leg = this.#legs.get(legId);
    if (leg === undefined) return;
    leg.trunk.legs[leg.stage]--;
    this.#legs.delete(legId);
  }

  #move(leg: AdmittedLeg, stage: Stage): void {
    leg.trunk.legs[leg.stage]--;
    leg.trunk.legs[stage]++;
    leg.stage = stage;
  }

  #bucket(perSecond: number): TokenBucket {
    return { perSecond, tokens: Math.max(perSecond, Math.sign(perSecond)), filledAt: this.#now() };
  }

  /** @param anyway what is not there is taken as well, so that who goes on asking stays without */
  #take(bucket: TokenBucket, anyway = false): boolean {
    const { perSecond } = bucket;
    if (perSecond === Number.POSITIVE_INFINITY) return true;
    const now = this.#now();
    const most = Math.max(perSecond, Math.sign(perSecond));
    bucket.tokens = Math.min(most, bucket.tokens + ((now - bucket.filledAt) / 1_000) * perSecond);
    bucket.filledAt = now;
    const isThere = bucket.tokens >= 1;
    if (isThere || anyway) bucket.tokens = Math.max(bucket.tokens - 1, -most);
    return isThere;
  }
}
