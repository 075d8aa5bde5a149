import type { Policy } from './policy.ts';

/** Where the policies in force are. */
export interface PoliciesView {
  /** The same list until another is in force. */
  current(): readonly Policy[];
}

/** Policies that never change. */
export const fixedPolicies = (policies: readonly Policy[]): PoliciesView => ({ current: () => policies });
