/** Into so many parts a round is divided, unless there are fewer to be visited. */
const PARTS = 10;

/**
 * Visits all that there are once in each round, a few at a time: all at once they would need room for all their
 * questions and answers at the same time, and keep whoever answers from everything else.
 */
export class Rounds<T> {
  readonly #all: () => Iterable<T>;
  readonly #visit: (one: T) => void;
  readonly #timer: NodeJS.Timeout;
  #part = 0;
  /** Who is still to be visited in this round. */
  #left: T[] = [];

  /**
   * @param every milliseconds of a round
   * @param all who is there when a round begins
   */
  constructor(every: number, all: () => Iterable<T>, visit: (one: T) => void) {
    this.#all = all;
    this.#visit = visit;
    this.#timer = setInterval(() => this.#go(), every / PARTS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#left = [];
  }

  #go(): void {
    if (this.#part === 0) this.#left = [...this.#all()];
    const due = Math.ceil(this.#left.length / (PARTS - this.#part));
    this.#part = (this.#part + 1) % PARTS;
    for (const one of this.#left.splice(0, due)) this.#visit(one);
  }
}
