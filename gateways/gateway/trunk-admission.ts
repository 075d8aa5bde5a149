import type { Unavailable } from '../sip/unavailable.ts';

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

/** However small a gateway is, so many calls of a trunk may be under way that have not shown that they hear us. */
const LEAST_UNCONFIRMED = 10;

/**
 * How far a call is whose INVITE came over UDP, from an address that may be made up. `offered`: we have not answered.
 * `answered`: we have, and no ACK came. `confirmed`: who called has heard us.
 */
type Stage = 'offered' | 'answered' | 'confirmed';

interface TrunkState {
  readonly capacity: number;
  readonly perSecond: number;
  /** Whether the operator has said how many legs it may have; then that holds for calls of ours, too. */
  readonly isConfigured: boolean;
  readonly legs: Record<Stage, number>;
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
        const perSecond = trunk.invitesPerSecond ?? Number.POSITIVE_INFINITY;
        const state: TrunkState = {
          capacity: Math.min(trunk.capacity ?? share, capacity),
          perSecond,
          isConfigured: trunk.capacity !== undefined,
          legs: { offered: 0, answered: 0, confirmed: 0 },
          tokens: perSecond,
          filledAt: now(),
        };
        return [trunk.name, state];
      }),
    );
  }

  /** Why no call of a trunk's is taken now, if none is. Each question counts as an INVITE. */
  refusal(name: string | undefined): Unavailable | undefined {
    const trunk = this.#trunks.get(name ?? '');
    if (trunk === undefined) return undefined;
    if (!this.#takeToken(trunk))
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

  #takeToken(trunk: TrunkState): boolean {
    if (trunk.perSecond === Number.POSITIVE_INFINITY) return true;
    const now = this.#now();
    const gained = ((now - trunk.filledAt) / 1_000) * trunk.perSecond;
    trunk.tokens = Math.min(trunk.perSecond, trunk.tokens + gained);
    trunk.filledAt = now;
    if (trunk.tokens < 1) return false;
    trunk.tokens -= 1;
    return true;
  }
}
