import type { PoliciesView, Policy } from '../../routing/policy/index.ts';
import { LOOK_AHEAD, nextChange } from '../../routing/policy/index.ts';

const NONE: readonly Policy[] = [];

/** Tells when other policies apply than before: because others are in force, or because of the hour. */
export class PolicyChanges {
  readonly #view: PoliciesView;
  readonly #now: () => number;
  #seen: readonly Policy[] = NONE;
  /** When an hour of theirs begins or ends. */
  #change: number | undefined;
  #lookAgain = 0;

  /** What was decided before is taken to have been decided without any. */
  constructor(view: PoliciesView, now: () => number) {
    this.#view = view;
    this.#now = now;
  }

  /** Why calls should look at their ways again, once for each change; undefined when there is none. */
  take(): string | undefined {
    const [policies, now] = [this.#view.current(), this.#now()];
    const others = policies !== this.#seen && policies.length + this.#seen.length > 0;
    const hour = this.#change !== undefined && now >= this.#change;
    if (policies !== this.#seen || hour || now >= this.#lookAgain) {
      this.#seen = policies;
      this.#change = nextChange(policies, now);
      this.#lookAgain = this.#change ?? now + LOOK_AHEAD;
    }
    if (others) return 'other routing policies are in force';
    return hour ? 'an hour of a routing policy began or ended' : undefined;
  }

  /** Whether there are any. */
  get any(): boolean {
    return this.#view.current().length > 0;
  }

  /** Milliseconds until an hour begins or ends, or it has to be looked for again. */
  get wait(): number {
    return Math.max(0, this.#lookAgain - this.#now());
  }
}
