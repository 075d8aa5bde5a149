import type { Dialog } from '@tandem/proto/generated/events.ts';

/**
 * How far CSeq goes ahead: requests may have been sent since the dialog was stored, and a peer refuses numbers that it
 * has had, while gaps mean nothing to it (RFC 3261, section 12.2.2). It is more than the refreshes of a month.
 */
const RESTART_GAP = 100_000;

/** The dialog for another process than the one that had it. */
export const aheadOfAllSent = (dialog: Dialog): Dialog => ({
  ...dialog,
  localSeq: dialog.localSeq + RESTART_GAP,
});
