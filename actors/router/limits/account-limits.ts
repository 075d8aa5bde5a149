import type { Refusal } from '@tandem/proto/generated/events.ts';
import { TandemError } from '../../errors/index.ts';
import { closedBy, type Destinations, numberInUri } from './destinations.ts';

/** What an account may do at most. */
export interface AccountLimits {
  /** Legs of its calls at once, callers and called parties together. */
  readonly calls: number;
  /** Legs that may begin within a second. */
  readonly callsPerSecond: number;
  readonly destinations: Destinations;
  /** Numbers that it has shown to be its own, besides those that it answers: it may call as these. */
  readonly callerIds: readonly string[];
}

export const DEFAULT_LIMITS: AccountLimits = {
  calls: 500,
  callsPerSecond: 50,
  destinations: {},
  callerIds: [],
};

export interface LimitedCallsOptions {
  readonly limits: (accountSid: string) => AccountLimits | undefined;
  /** Whether the account has a number. */
  readonly owns: (accountSid: string, number: string) => boolean;
  /** Calls that are live: what is counted for others is forgotten when an account seems full. */
  readonly isLive: (callSid: string) => boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

interface Account {
  /** Sids of its calls. */
  readonly calls: Set<string>;
  /** How many legs these have together. */
  legs: number;
  /** Legs that may begin now, and when that was counted. */
  tokens: number;
  at: number;
}

/** Milliseconds within which a call that was let in is live, or has said that it is not. */
const BEGINS_WITHIN = 10_000;

interface Call {
  readonly account: Account;
  /** When its first leg was counted. */
  readonly since: number;
  readonly legs: Set<string>;
}

export interface DialledLeg {
  readonly accountSid: string;
  readonly callSid: string;
  readonly legId: string;
  /** A number or a SIP URI. */
  readonly to: string;
}

/**
 * Holds accounts to their limits: how many legs they have at once, how many they begin in a second, whom they call and
 * as whom. Each call router counts the calls that it runs. What was counted is not stored: after a restart the calls
 * that are live are counted again.
 */
export class LimitedCalls {
  readonly #options: LimitedCallsOptions;
  readonly #accounts = new Map<string, Account>();
  readonly #calls = new Map<string, Call>();

  constructor(options: LimitedCallsOptions) {
    this.#options = options;
  }

  /**
   * Counts a call that comes in.
   * @throws account.too-many-calls, account.calls-too-fast
   */
  receive(accountSid: string, callSid: string, legId: string): void {
    this.#admit(accountSid, callSid, legId);
  }

  /**
   * Counts a leg that a call dials.
   * @throws account.destination-not-allowed, account.too-many-calls, account.calls-too-fast
   */
  dial({ accountSid, callSid, legId, to }: DialledLeg): void {
    const { destinations } = this.#limitsOf(accountSid);
    const number = /^sips?:/i.test(to) ? numberInUri(to) : to;
    const prefix = number === undefined ? undefined : closedBy(number, destinations);
    if (prefix !== undefined)
      throw new TandemError('account.destination-not-allowed', { account: accountSid, to, prefix });
    this.#admit(accountSid, callSid, legId);
  }

  /** Counts what was live when this process began, whatever the limits are. */
  count(accountSid: string, callSid: string, legIds: readonly string[]): void {
    for (const legId of legIds) this.#add(this.#account(accountSid), callSid, legId);
  }

  /** A leg is gone, or never came to be. */
  left(callSid: string, legId: string): void {
    const call = this.#calls.get(callSid);
    if (call === undefined || !call.legs.delete(legId)) return;
    call.account.legs -= 1;
    if (call.legs.size === 0) this.#forget(callSid, call);
  }

  /**
   * Whether an account may call as somebody: as who called it or was called, as a number of its own, or as a client,
   * which no telephone network takes for a number.
   */
  mayCallAs(
    accountSid: string,
    callerId: string,
    call: { readonly from: string; readonly to: string },
  ): boolean {
    if (callerId === call.from || callerId === call.to || callerId.startsWith('client:')) return true;
    return (
      this.#options.owns(accountSid, callerId) || this.#limitsOf(accountSid).callerIds.includes(callerId)
    );
  }

  #limitsOf(accountSid: string): AccountLimits {
    return this.#options.limits(accountSid) ?? DEFAULT_LIMITS;
  }

  #admit(accountSid: string, callSid: string, legId: string): void {
    const { calls, callsPerSecond } = this.#limitsOf(accountSid);
    const account = this.#account(accountSid);
    // A leg that is placed anew, because a gateway refused it, was counted.
    if (this.#calls.get(callSid)?.legs.has(legId)) return;
    if (account.legs >= calls) this.#forgetEnded(account);
    if (account.legs >= calls)
      throw new TandemError('account.too-many-calls', { account: accountSid, limit: calls });
    const now = this.#options.now();
    account.tokens = Math.min(callsPerSecond, account.tokens + ((now - account.at) / 1000) * callsPerSecond);
    account.at = now;
    if (account.tokens < 1)
      throw new TandemError('account.calls-too-fast', { account: accountSid, limit: callsPerSecond });
    account.tokens -= 1;
    this.#add(account, callSid, legId);
  }

  #add(account: Account, callSid: string, legId: string): void {
    const call = this.#calls.get(callSid) ?? {
      account,
      since: this.#options.now(),
      legs: new Set<string>(),
    };
    if (call.legs.has(legId)) return;
    this.#calls.set(callSid, call);
    account.calls.add(callSid);
    call.legs.add(legId);
    account.legs += 1;
  }

  #forget(callSid: string, { account, legs }: Call): void {
    account.legs -= legs.size;
    account.calls.delete(callSid);
    this.#calls.delete(callSid);
  }

  #forgetEnded(account: Account): void {
    const { isLive, now } = this.#options;
    for (const callSid of account.calls) {
      const call = this.#calls.get(callSid)!;
      if (now() - call.since >= BEGINS_WITHIN && !isLive(callSid)) this.#forget(callSid, call);
    }
  }

  #account(sid: string): Account {
    const known = this.#accounts.get(sid);
    if (known) return known;
    const tokens = Math.max(1, this.#limitsOf(sid).callsPerSecond);
    const account = { calls: new Set<string>(), legs: 0, tokens, at: this.#options.now() };
    this.#accounts.set(sid, account);
    return account;
  }
}

/** The refusal that an error is, as events hold it. @throws what is none of an account's limits */
export function asRefusal(error: unknown): Refusal {
  if (!(error instanceof TandemError) || !error.code.startsWith('account.')) throw error;
  const { code, status, message } = error;
  return { code, status, message };
}
