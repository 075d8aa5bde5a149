import type { Dialog } from '@tandem/proto/generated/events.ts';
import { buildCancel, buildRequest, reasonHeader } from '../message/index.ts';
import { pathOf } from './dialog.ts';
import type { SessionHost } from './session-host.ts';
import { endUnwantedDialog } from './stray-dialog.ts';

const ignored = { onResponse: () => {}, onFailure: () => {} };

/**
 * Cancels an INVITE of ours that another process sent (RFC 3261, section 9.1), acknowledges its refusal, and ends the
 * call of a peer that answers all the same. Whether the peer has sent a provisional response is not known; one that has
 * never seen the INVITE refuses the CANCEL, which does no harm.
 */
export const withdrawInvite = (
  host: SessionHost,
  { dialog, via }: { readonly dialog: Dialog; readonly via: string },
  reason?: string,
): void => {
  const { uri, hop } = pathOf(dialog);
  host.locate(hop, { peerAddress: dialog.peerAddress }, ([flow]) => {
    if (flow === undefined) return;
    const invite = buildRequest('INVITE', uri, [
      ['Via', via],
      ['Max-Forwards', '70'],
      ['From', `<${dialog.localUri}>;tag=${dialog.localTag}`],
      ['To', `<${dialog.remoteUri}>`],
      ['Call-ID', dialog.callId],
      ['CSeq', `${dialog.localSeq} INVITE`],
    ]);
    host.transactions.takeUpInvite(invite, flow, {
      onResponse: (response, from) => {
        if (response.status >= 200 && response.status < 300) endUnwantedDialog(host, response, from);
      },
      onFailure: () => {},
    });
    host.transactions.request(buildCancel(invite, reasonHeader(reason)), flow, ignored);
  });
};
