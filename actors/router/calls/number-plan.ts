import type { Application } from '@tandem/proto/generated/events.ts';
import { Logins } from '../../documents/fetch/index.ts';
import type { Login } from '../../net/index.ts';

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
  /** Its URLs are without user names and passwords. */
  lookUp(to: string): { readonly accountSid?: string; readonly application?: Application };
  /** The user name and password that the URLs of an account's numbers have for a URL. */
  loginFor(accountSid: string, url: string): Login | undefined;
}

/**
 * A number as it is compared: the digits only, whether it was dialled with a plus or not. The digits in a SIP URI
 * are those of no number.
 */
const digitsOf = (to: string): string => (/^[+\d ().-]+$/.test(to) ? to.replace(/\D/g, '') : to);

export function createNumberPlan(entries: readonly NumberEntry[]): NumberPlan {
  const logins = new Map<string, Logins>();
  const byDigits = new Map(
    entries.map((entry) => {
      const { accountSid, application } = entry;
      const own = logins.get(accountSid) ?? new Logins();
      logins.set(accountSid, own);
      return [digitsOf(entry.number), { ...entry, application: withoutLogins(application, own) }];
    }),
  );
  return {
    lookUp(to) {
      const entry = byDigits.get(digitsOf(to));
      return entry ? { accountSid: entry.accountSid, application: entry.application } : {};
    },
    loginFor: (accountSid, url) => logins.get(accountSid)?.find(url),
  };
}

/** What is stored with each call names no passwords. */
function withoutLogins(application: Application, logins: Logins): Application {
  const { voiceUrl, fallbackUrl } = application;
  return {
    ...application,
    voiceUrl: logins.take(voiceUrl),
    ...(fallbackUrl !== undefined && { fallbackUrl: logins.take(fallbackUrl) }),
  };
}
