/** What is going on in a dialog when an INVITE or an offer comes or is to be sent (RFC 3264; RFC 6337). */
export interface ExchangeState {
  /** An INVITE of ours has no final response yet. */
  readonly inviteOurs: boolean;
  /** An INVITE of the peer's has no final response yet. */
  readonly inviteTheirs: boolean;
  /** An offer of ours has no answer yet. */
  readonly offerOurs: boolean;
  /** An offer of the peer's has no answer yet. */
  readonly offerTheirs: boolean;
}

/**
 * The refusal of an INVITE within the dialog, or of an UPDATE, that comes at a bad moment: 491 when it crosses what
 * we sent, 500 when the peer has not waited for our answer. Undefined when it can be served.
 * RFC 3261, section 14.2; RFC 3311, section 5.2.
 */
export const untimely = (
  state: ExchangeState,
  method: 'INVITE' | 'UPDATE',
  hasOffer: boolean,
): 491 | 500 | undefined => {
  if (method === 'INVITE') {
    if (state.inviteTheirs || state.offerTheirs) return 500;
    return state.inviteOurs || state.offerOurs ? 491 : undefined;
  }
  if (!hasOffer) return undefined;
  if (state.offerOurs) return 491;
  return state.offerTheirs ? 500 : undefined;
};

/** Whether we may send an offer now (RFC 3261, section 14.1; RFC 3311, section 5.1). */
export const mayOffer = (state: ExchangeState, method: 'INVITE' | 'UPDATE'): boolean =>
  !state.offerOurs &&
  !state.offerTheirs &&
  (method === 'UPDATE' || (!state.inviteOurs && !state.inviteTheirs));

/**
 * How long to wait after a 491 before the offer is sent again, in ms (RFC 3261, section 14.1). `random` is from 0 to
 * below 1; the ends draw from ranges that do not meet.
 */
export const glareDelay = (weMadeCallId: boolean, random: number): number =>
  weMadeCallId ? 2100 + Math.floor(random * 191) * 10 : Math.floor(random * 201) * 10;
