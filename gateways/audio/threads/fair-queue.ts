import { TandemError } from '@tandem/actors/errors';

/** For whom something is made ready: an account, and of its calls a leg. */
export interface Asker {
  /** Empty when nobody owns the call: such calls share what one account gets. */
  readonly account: string;
  readonly leg: string;
}

/** Who says nothing of whom it asks for. */
export const NOBODY: Asker = { account: '', leg: '' };

export interface QueueLimits {
  /** Pieces of work that may wait. */
  readonly inAll: number;
  /** And of one account. */
  readonly perAccount: number;
}

/** What a piece of work is taken to cost until that is known, in milliseconds. */
const GUESS = 20;
/** How many times slower the level rises at which newcomers start than what those who are served have had. */
const NEWCOMERS_FAVOUR = 8;

/** Whoever shares with others: how much it has had, beyond those who had the least when it came. */
interface Share {
  had: number;
  waiting: number;
  running: number;
}

interface Leg<T> extends Share {
  readonly queue: T[];
}

interface Account<T> extends Share {
  readonly legs: Sharing<Leg<T>>;
}

/** Those who share something. Whoever comes starts level with whoever was served last: idleness saves nothing up. */
class Sharing<S extends Share> {
  readonly #shares = new Map<string, S>();
  #level = 0;

  enter(name: string, make: () => S): S {
    const share = this.#shares.get(name) ?? make();
    if (share.waiting + share.running === 0) share.had = Math.max(share.had, this.#level);
    this.#shares.set(name, share);
    return share;
  }

  get(name: string): S | undefined {
    return this.#shares.get(name);
  }

  /** The one that has had the least of those who want something, as they come. */
  *inTurn(): Iterable<[string, S]> {
    const wanting = [...this.#shares].filter(([, { waiting }]) => waiting > 0);
    yield* wanting.sort(([, a], [, b]) => a.had - b.had);
  }

  /** One is served now. */
  serve({ had }: S): void {
    this.#level = Math.max(this.#level, had);
  }

  /**
   * So many milliseconds were served: those who come later start a little higher, so that ever new ones leave those who
   * had much no worse than slow. Forgets whoever wants nothing and has had no more than whoever comes.
   */
  pass(took: number): void {
    const active = [...this.#shares.values()].filter(({ waiting, running }) => waiting + running > 0).length;
    if (active === 0) this.#shares.clear();
    this.#level += took / (NEWCOMERS_FAVOUR * Math.max(1, active));
    for (const [name, { had, waiting, running }] of this.#shares)
      if (waiting + running === 0 && had <= this.#level) this.#shares.delete(name);
  }

  get size(): number {
    return this.#shares.size;
  }
}

/** Work that was taken from the queue, to be settled when it is done. */
export interface Turn<T> {
  readonly work: T;
  readonly asker: Asker;
}

/**
 * Work that waits, shared out fairly: the next one is of the account that has had the least time, and of its leg that
 * has had the least (start-time fair queueing). So whoever asks for little is never behind whoever asks for much.
 */
export class FairQueue<T> {
  readonly #limits: QueueLimits;
  readonly #accounts = new Sharing<Account<T>>();
  #waiting = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Accounts that it keeps something of. */
  get accounts(): number {
    return this.#accounts.size;
  }

  /** @throws media.audio-overloaded */
  add(asker: Asker, work: T): void {
    const account = this.#accounts.enter(asker.account, () => ({ ...NOTHING, legs: new Sharing() }));
    const { inAll, perAccount } = this.#limits;
    if (this.#waiting >= inAll) throw new TandemError('media.audio-overloaded', { waiting: inAll });
    if (account.waiting >= perAccount)
      throw new TandemError('media.audio-overloaded', { waiting: perAccount });
    const leg = account.legs.enter(asker.leg, () => ({ ...NOTHING, queue: [] }));
    leg.queue.push(work);
    this.#count(account, leg, 1);
  }

  /** The next piece of work that fits; its turn is to be settled. */
  take(fits: (work: T) => boolean = () => true): Turn<T> | undefined {
    for (const [accountName, account] of this.#accounts.inTurn()) {
      for (const [legName, leg] of account.legs.inTurn()) {
        const work = leg.queue[0]!;
        if (!fits(work)) continue;
        leg.queue.shift();
        this.#count(account, leg, -1);
        this.#accounts.serve(account);
        account.legs.serve(leg);
        for (const share of [account, leg]) {
          share.running += 1;
          share.had += GUESS;
        }
        return { work, asker: { account: accountName, leg: legName } };
      }
    }
    return undefined;
  }

  /** Work is done, and took so many milliseconds. */
  settle({ asker }: Turn<T>, took: number): void {
    const account = this.#accounts.get(asker.account)!;
    for (const share of [account, account.legs.get(asker.leg)!]) {
      share.running -= 1;
      share.had += took - GUESS;
    }
    account.legs.pass(took);
    this.#accounts.pass(took);
  }

  /** Takes work back that waits. @returns whether it did */
  remove(asker: Asker, work: T): boolean {
    const account = this.#accounts.get(asker.account);
    const leg = account?.legs.get(asker.leg);
    const at = leg?.queue.indexOf(work) ?? -1;
    if (account === undefined || leg === undefined || at < 0) return false;
    leg.queue.splice(at, 1);
    this.#count(account, leg, -1);
    account.legs.pass(0);
    this.#accounts.pass(0);
    return true;
  }

  #count(account: Account<T>, leg: Leg<T>, more: number): void {
    leg.waiting += more;
    account.waiting += more;
    this.#waiting += more;
  }
}

const NOTHING: Share = { had: 0, waiting: 0, running: 0 };
