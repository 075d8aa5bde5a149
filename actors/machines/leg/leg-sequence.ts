import type { Dialog } from '@tandem/proto/generated/events.ts';

/**
 * How far CSeq goes ahead: requests may have been sent since the dialog was stored, and a peer refuses numbers that it
 * has had, while gaps mean nothing to it (RFC 3261, section 12.2.2). It is more than the refreshes of a month.
 */
const RESTART_GAP = 100_000;

/**
 * How far it goes ahead for another gateway. Should the one before be alive and not know yet, its requests come too low
 * for the peer (RFC 3261, section 12.2.2), after a hundred restarts even.
 */
const GATEWAY_GAP = 100 * RESTART_GAP;

/** The dialog for another process than the one that had it. */
export const aheadOfAllSent = (dialog: Dialog): Dialog => ({
  ...dialog,
  localSeq: dialog.localSeq + RESTART_GAP,
});

/** The dialog for another gateway than the one that had it. */
export const aheadOfOtherGateway = (dialog: Dialog): Dialog => ({
  ...dialog,
  localSeq: dialog.localSeq + GATEWAY_GAP,
});
