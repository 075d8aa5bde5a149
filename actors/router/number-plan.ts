import type { Application } from '@tandem/proto/generated/events.ts';

/** A number and the application that answers it. */
export interface NumberEntry {
  /** E.164, such as `+15550100`. */
  readonly number: string;
  readonly accountSid: string;
  readonly application: Application;
}

/** Who answers a called number. */
export interface NumberPlan {
  /** The account and application of a number; nothing when nobody has it. */
  lookUp(to: string): { readonly accountSid?: string; readonly application?: Application };
}

/**
 * A number as it is compared: the digits only, whether it was dialled with a plus or not. The digits in a SIP URI
 * are those of no number.
 */
const digitsOf = (to: string): string => (/^[+\d ().-]+$/.test(to) ? to.replace(/\D/g, '') : to);

export function createNumberPlan(entries: readonly NumberEntry[]): NumberPlan {
  const byDigits = new Map(entries.map((entry) => [digitsOf(entry.number), entry]));
  return {
    lookUp(to) {
      const entry = byDigits.get(digitsOf(to));
      return entry ? { accountSid: entry.accountSid, application: entry.application } : {};
    },
  };
}
