/** A call that is offered while no router can take it: its caller has heard 100 Trying, and nothing of it is stored. */
export interface WaitingOffer {
  /** Whether its caller has given up. */
  readonly over: boolean;
  /** Seconds within which the caller wants an answer; any time when absent. */
  readonly expires?: number;
  /** It is taken, after so many seconds. */
  begin(waited: number): void;
  giveUp(why: WhyNotTaken): void;
}

/**
 * The patience is over, what its INVITE allowed has passed, its caller has `gone`, or nobody is taken any more.
 */
export type WhyNotTaken = 'patience' | 'expired' | 'gone' | 'closing';

export interface WaitingOffersOptions {
  /** Milliseconds for which an offer waits; 0: none does. */
  readonly patience: number;
  /** Whether one may be taken now: a router is there, and there is not too much to do. */
  readonly mayBegin: () => boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

interface Waiting {
  readonly offer: WaitingOffer;
  readonly since: number;
}

/** Milliseconds from one look to the next, and how many are let in at each: a router that is back has much to do. */
const LOOKS_APART = 20;
const AT_ONCE = 4;

/**
 * Calls that wait at a gateway until a router can take them: first come, first served, and no more than can be let in
 * within the patience. Whoever made one empties it at the end.
 */
export class WaitingOffers {
  readonly #options: WaitingOffersOptions;
  readonly #now: () => number;
  readonly #most: number;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WaitingOffersOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#most = Math.floor(options.patience / LOOKS_APART) * AT_ONCE;
  }

  get size(): number {
    return this.#waiting.length;
  }

  get hasRoom(): boolean {
    return this.#waiting.length < this.#most;
  }

  add(offer: WaitingOffer): void {
    this.#waiting.push({ offer, since: this.#now() });
    this.#timer ??= setInterval(() => this.#look(), LOOKS_APART);
  }

  /** Nobody waits any more. */
  empty(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#rest();
    for (const { offer } of waiting) offer.giveUp(offer.over ? 'gone' : 'closing');
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const now = this.#now();
    const { patience, mayBegin } = this.#options;
    this.#waiting = this.#waiting.filter(({ offer, since }) => {
      const why = reasonToGo(offer, now - since, patience);
      if (why !== undefined) offer.giveUp(why);
      return why === undefined;
    });
    for (let begun = 0; begun < AT_ONCE && this.#waiting.length > 0 && mayBegin(); begun++) {
      const { offer, since } = this.#waiting.shift()!;
      offer.begin((now - since) / 1000);
    }
    if (this.#waiting.length === 0) this.#rest();
  }
}

function reasonToGo(
  { over, expires }: WaitingOffer,
  waited: number,
  patience: number,
): WhyNotTaken | undefined {
  if (over) return 'gone';
  if (expires !== undefined && waited >= expires * 1000) return 'expired';
  return waited >= patience ? 'patience' : undefined;
}
