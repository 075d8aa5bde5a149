import { TandemError } from '@tandem/actors/errors';

export interface SoundBudgetLimits {
  /** Bytes. */
  readonly inAll: number;
  readonly perAccount: number;
}

/** Bytes of sound that may be held because it is being played, in all and for one account. */
export class SoundBudget {
  readonly #limits: SoundBudgetLimits;
  readonly #held = new Map<string, number>();
  #inAll = 0;

  constructor(limits: SoundBudgetLimits) {
    this.#limits = limits;
  }

  get held(): number {
    return this.#inAll;
  }

  /** So many bytes more, or fewer, are held for an account. @throws media.sound-held */
  hold(account: string, bytes: number): void {
    const { inAll, perAccount } = this.#limits;
    const held = (this.#held.get(account) ?? 0) + bytes;
    if (bytes > 0 && this.#inAll + bytes > inAll)
      throw new TandemError('media.sound-held', { whose: 'all calls of this gateway', limit: inAll });
    if (bytes > 0 && held > perAccount)
      throw new TandemError('media.sound-held', { whose: 'the calls of one account', limit: perAccount });
    this.#inAll += bytes;
    if (held === 0) this.#held.delete(account);
    else this.#held.set(account, held);
  }
}
