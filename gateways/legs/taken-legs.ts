import { legStream } from '@tandem/actors/names';
import type { Message } from '@tandem/actors/runtime';

/**
 * Legs that routers say are not this gateway's any more. What is said before the gateway's actors are brought back is
 * what these hear in place of the restart.
 */
export class TakenLegs {
  readonly #letGo: (legId: string) => void;
  #early: Set<string> | undefined = new Set();

  /** @param letGo has a leg forgotten once the actors are back */
  constructor(letGo: (legId: string) => void) {
    this.#letGo = letGo;
  }

  take(legIds: readonly string[]): void {
    for (const legId of legIds)
      if (this.#early) this.#early.add(legStream(legId));
      else this.#letGo(legId);
  }

  /** What an actor is to hear in place of the restart, if it is such a leg. */
  instead(stream: string): Message | undefined {
    return this.#early?.has(stream) ? { type: 'LegTaken', data: {} } : undefined;
  }

  /** The actors are back. */
  recovered(): void {
    this.#early = undefined;
  }
}
