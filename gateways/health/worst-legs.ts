import type { BothWays, LegQuality } from '@tandem/actors/link';

/** The score of the direction that sounds worse; none where nothing was heard either way. */
const scoreOf = ({ heard, told }: BothWays): number | undefined => {
  const scores = [heard?.mos, told?.mos].filter((mos) => mos !== undefined);
  return scores.length === 0 ? undefined : Math.min(...scores);
};

/** The few legs that sound worst of many. */
export class WorstLegs {
  readonly #most: number;
  readonly #scored: { readonly score: number; readonly leg: LegQuality }[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  take(leg: LegQuality): void {
    const score = scoreOf(leg);
    if (score === undefined) return;
    const at = this.#scored.findIndex((one) => one.score > score);
    this.#scored.splice(at === -1 ? this.#scored.length : at, 0, { score, leg });
    this.#scored.splice(this.#most);
  }

  /** The worst first. */
  get legs(): LegQuality[] {
    return this.#scored.map(({ leg }) => leg);
  }
}
