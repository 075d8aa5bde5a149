import { TandemError } from '@tandem/actors/errors/tandem-error.ts';
import { Limited } from '@tandem/actors/runtime/limited.ts';

/** Has so many pieces of work done at a time; so many more wait, in the order in which they came. */
export class BoundedTurns {
  readonly #limited: Limited;
  readonly #most: number;

  constructor(atOnce: number, waiting: number) {
    this.#limited = new Limited(atOnce);
    this.#most = waiting;
  }

  /** @throws media.audio-overloaded, and what the work throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#limited.isFull && this.#limited.waiting >= this.#most)
      throw new TandemError('media.audio-overloaded', { waiting: this.#most });
    return this.#limited.run(work);
  }
}
